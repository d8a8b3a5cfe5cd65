/*
 * drift_golden.h -- what the detectors of river 0.26.1 said. Not written by
 * hand; drift_golden.py says how.
 */
#ifndef FF_TEST_DRIFT_GOLDEN_H
#define FF_TEST_DRIFT_GOLDEN_H

/* clang-format off */
struct drift_golden {
    const char *name;
    unsigned seed;
    int pieces;
    struct { int n; double from, width; } piece[20];
    struct { int n; const int *at; } again, paper, eager, page;
    struct { double width, sum, spread; } again_window, paper_window,
        eager_window;
    struct { double mean, up, down; } page_sums;
};

static const int abrupt_again[] = {3135, 8031, 10047};
static const int abrupt_paper[] = {3135, 3167, 3199, 3263, 8031, 8063, 10047};
static const int abrupt_eager[] = {3071, 3074, 3080, 3101, 3140, 3248, 8009, 8012, 8024, 8054, 10010, 10016, 10055};
static const int abrupt_page[] = {3207, 8059, 10057};
static const int gradual_again[] = {3199, 7551, 12575, 17247};
static const int gradual_paper[] = {3199, 3935, 4543, 5407, 6047, 6495, 7551, 7903, 8831, 9343, 9983, 11039, 11839, 12639, 13119, 14175, 15423, 15455, 15551, 17247, 17951, 18111, 18335};
static const int gradual_eager[] = {2588, 2861, 3272, 4175, 4460, 4514, 4565, 5996, 6191, 6218, 7889, 8105, 8771, 9923, 10013, 11069, 11645, 11768, 12164, 12620, 12710, 15215, 15347, 15353, 15356, 15359, 15416, 15467, 17537, 18479};
static const int gradual_page[] = {3475, 6217, 9392, 12585, 15445, 17551};
static const int levels_again[] = {4095, 8031, 12031};
static const int levels_paper[] = {4095, 4127, 4191, 8031, 8063, 8095, 8575, 12031, 12063};
static const int levels_eager[] = {4049, 4052, 4055, 4061, 4064, 4067, 4085, 4106, 4217, 8018, 8021, 8024, 8027, 8033, 8045, 12008, 12011, 12023, 12056};
static const int levels_page[] = {4443, 8164, 12074};
static const int still_again[] = {-1};
static const int still_paper[] = {-1};
static const int still_eager[] = {4781, 4835};
static const int still_page[] = {13625};
static const int early_again[] = {95, 479};
static const int early_paper[] = {95, 159, 479, 575};
static const int early_eager[] = {71, 95, 452, 455, 458, 479};
static const int early_page[] = {166, 544};

static const struct drift_golden drift_golden[] = {
    {.name = "abrupt", .seed = 1, .pieces = 4,
     .piece = {{3000, 0.25, 0}, {5000, 0.03, 0}, {2000, 0.9, 0}, {4000, 0.1, 0}},
     .again = {3, abrupt_again},
     .paper = {7, abrupt_paper},
     .eager = {13, abrupt_eager},
     .page = {3, abrupt_page},
     .again_window = {3952.0, 400.0, 359.51417004048596},
     .paper_window = {4016.0, 416.0, 372.90836653386424},
     .eager_window = {4008.0, 409.0, 367.2632235528949},
     .page_sums = {0.10121765601217639, -18.365784338143563, 14.213624731861284}},
    {.name = "gradual", .seed = 2, .pieces = 20,
     .piece = {{1000, 0.02, 0}, {1000, 0.04, 0}, {1000, 0.06, 0}, {1000, 0.08, 0}, {1000, 0.1, 0}, {1000, 0.12000000000000001, 0}, {1000, 0.13999999999999999, 0}, {1000, 0.16, 0}, {1000, 0.18, 0}, {1000, 0.19999999999999998, 0}, {1000, 0.22, 0}, {1000, 0.24, 0}, {1000, 0.26, 0}, {1000, 0.28, 0}, {1000, 0.30000000000000004, 0}, {1000, 0.32, 0}, {1000, 0.34, 0}, {1000, 0.36000000000000004, 0}, {1000, 0.38, 0}, {1000, 0.4, 0}},
     .again = {4, gradual_again},
     .paper = {23, gradual_paper},
     .eager = {30, gradual_eager},
     .page = {6, gradual_page},
     .again_window = {2752.0, 1032.0, 645.0000000000006},
     .paper_window = {5152.0, 1805.0, 1172.6193711180115},
     .eager_window = {3744.0, 1355.0, 864.608707264957},
     .page_sums = {0.37091503267973813, 14.072198772898291, 35.78704757243366}},
    {.name = "levels", .seed = 3, .pieces = 4,
     .piece = {{4000, 0.125, 0.25}, {4000, 0.25, 0.25}, {4000, 0, 0.125}, {4000, 0.5, 0.5}},
     .again = {3, levels_again},
     .paper = {9, levels_paper},
     .eager = {19, levels_eager},
     .page = {3, levels_page},
     .again_window = {3968.0, 2955.079684138298, 82.45910908624566},
     .paper_window = {4016.0, 2980.4142982065678, 90.48908074192302},
     .eager_window = {4008.0, 2979.9143154397607, 86.77369354370286},
     .page_sums = {0.7449317990898326, -14.3034264693352, 18.161264377223905}},
    {.name = "still", .seed = 4, .pieces = 1,
     .piece = {{20000, 0.3, 0}},
     .again = {0, still_again},
     .paper = {0, still_paper},
     .eager = {2, still_eager},
     .page = {1, still_page},
     .again_window = {20000.0, 5951.0, 4180.279950000003},
     .paper_window = {20000.0, 5951.0, 4180.279950000003},
     .eager_window = {17184.0, 5111.0, 3590.8463105214023},
     .page_sums = {0.29353624097897696, -50.44776361946728, -3.3125954920495078}},
    {.name = "early", .seed = 5, .pieces = 3,
     .piece = {{40, 0.05, 0}, {400, 0.95, 0}, {300, 0.4, 0}},
     .again = {2, early_again},
     .paper = {4, early_paper},
     .eager = {6, early_eager},
     .page = {2, early_page},
     .again_window = {260.0, 112.0, 63.75384615384614},
     .paper_window = {324.0, 145.0, 80.10802469135805},
     .eager_window = {324.0, 145.0, 80.10802469135805},
     .page_sums = {0.4153846153846154, -5.364379862010274, -3.4331737573812733}},
};
/* clang-format on */

#endif
