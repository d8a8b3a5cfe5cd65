/*
 * Teach ffd two kinds of reading, and ask it about one.
 *
 *     cc feed.c -o feed $(pkg-config --cflags --libs --static ffclient)
 *     ./feed MODEL                     (FFD_ADDRESS says where ffd is)
 *
 * MODEL takes four floats: input: {shape: [4], dtype: f32}.
 */
#include <ffclient.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    char why[FFC_WHY_MAX];
    struct ffc *c;
    struct ffc_learned learned;
    struct ffc_answers *a;

    if (argc != 2 || ffc_open(&c, NULL, why) < 0) {
        fprintf(stderr, "feed: %s\n", argc != 2 ? "name a model" : why);
        return EXIT_FAILURE;
    }
    for (int i = 0; i < 400; i++) {
        float rises[] = {0, 1, 2, 3}, falls[] = {3, 2, 1, 0};
        float *x = i % 2 ? rises : falls;

        x[i % 4] += (float)(i % 10) / 20;
        if (ffc_learn(c, argv[1], x, sizeof(rises), i % 2 ? "rises" : "falls",
                      &learned) < 0)
            goto failed;
    }
    if (ffc_predict(c, argv[1], (float[]){0, 1.2F, 2, 3}, 16, &a) < 0)
        goto failed;
    printf("after %llu frames: %s, %.0f %% sure\n",
           (unsigned long long)learned.seq, a->label[0] ? a->label[0] : "?",
           100 * (double)a->confidence[0]);
    ffc_answers_free(a);
    ffc_close(c);
    return EXIT_SUCCESS;

failed:
    fprintf(stderr, "feed: %s\n", ffc_error(c));
    ffc_close(c);
    return EXIT_FAILURE;
}
