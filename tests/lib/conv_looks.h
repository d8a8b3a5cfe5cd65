/* conv_looks.h -- convolutions of every kind, for whoever tests them bare. */
#ifndef FF_TEST_CONV_LOOKS_H
#define FF_TEST_CONV_LOOKS_H

#include "tests/lib/bare.h"

static const struct look looks[] = {
    {"plain", {6, 5, 1}, 4, {.kernel = 3, .pad = 1, .grid = 3}},
    {"pool", {7, 6, 2}, 4, {.kernel = 3, .pad = 1, .pool = 2, .grid = 1}},
    {"stride", {7, 7, 1}, 4, {.kernel = 3, .pad = 1, .stride = 2, .grid = 3}},
    {"no pad", {6, 6, 1}, 4, {.kernel = 3, .grid = 2}},
    {"groups",
     {6, 5, 4},
     6,
     {.kernel = 3, .pad = 1, .pool = 2, .groups = 2, .grid = 2}},
    {"colour", {6, 7, 3}, 4, {.kernel = 5, .pad = 2, .pool = 2, .grid = 3}},
    {"all pad", {5, 8, 2}, 4, {.kernel = 4, .pad = 3, .stride = 3, .grid = 1}},
    {"one place", {4, 4, 2}, 4, {.kernel = 4}},
    {"one pixel", {3, 3, 2}, 4, {.kernel = 1, .grid = 3}},
    {"digits", {8, 8, 1}, 8, {.kernel = 3, .pad = 1, .pool = 2}},
    {"time", {11, 1, 3}, 4, {.kernel = 5, .pad = 2, .pool = 2}},
    {"time, groups", {9, 1, 4}, 6, {.kernel = 3, .groups = 2, .grid = 3}},
    {"time, stride", {12, 1, 2}, 4, {.kernel = 9, .pad = 4, .stride = 2}},
};
#define LOOKS (sizeof looks / sizeof *looks)

#endif
