/*
 * memory_test.c -- the k-th request for memory fails, for all k: an error is
 * told, nothing leaks (the sanitizer watches), and the next try succeeds.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "clients/c/alloc.h"
#include "proto/event.h"
#include "proto/pack.h"
#include "proto/reply.h"
#include "tests/clients/fake.h"
#include "tests/clients/support.h"

/* Open, ask, close, against answers that wait already; an ffc_status. */
static int session(void)
{
    int fd[2];
    char why[FFC_WHY_MAX];
    struct ffc *c;
    struct peer p;
    struct ffc_answers *a = NULL;
    struct ffc_dreams *d = NULL;
    struct ffc_event e;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    peer_init(&p, fd[1]);
    ffp_reply_begin(&p.out, 1);
    ffp_pack_map(&p.out, 1);
    ffp_kv_str(&p.out, "label", "cat");
    ffp_event_begin(&p.out, FFP_T_sleep);
    ffp_pack_nil(&p.out);
    ffp_reply_begin(&p.out, 2);
    ffp_pack_map(&p.out, 4);
    ffp_pack_str(&p.out, "shape");
    ffp_pack_array(&p.out, 1);
    ffp_pack_uint(&p.out, 4);
    ffp_kv_str(&p.out, "dtype", "u8");
    ffp_kv_bin(&p.out, "data", "abcd", 4);
    ffp_kv_floats(&p.out, "goodness", (float[]){1}, 1);
    int rc = ffc_open_fd(&c, fd[0], NULL, why);
    if (rc == FFC_OK) {
        /* Both are under way before an answer may come. */
        peer_send(&p);
        uint32_t id;
        struct ffc_reply *reply = NULL;
        rc = ffc_predict_send(c, "m", "abcd", 1, 4, &id);
        if (rc == FFC_OK)
            rc = ffc_dreams(c, "m", 1, &d);
        if (rc == FFC_OK)
            rc = ffc_collect(c, &id, &reply);
        if (rc == FFC_OK)
            rc = ffc_next_event(c, 0, &e);
        if (rc == FFC_OK)
            ffc_event_release(&e);
        if (rc == FFC_OK)
            rc = ffc_answers_read(reply, 1, &a);
        ffc_reply_free(reply);
        ffc_close(c);
    }
    ffc_answers_free(a);
    ffc_dreams_free(d);
    peer_release(&p);
    return rc;
}

void memory_that_fails_anywhere_is_told(void **state)
{
    (void)state;
    size_t k = 1;
    for (;; k++) {
        ffc_alloc_fail_at(k);
        int rc = session();
        ffc_alloc_fail_at(0);
        assert_int_equal(session(), FFC_OK);
        if (rc == FFC_OK)
            break;
        assert_int_equal(rc, FFC_ENOMEM);
    }
    assert_true(k > 5); /* it did fail at several places */
}
