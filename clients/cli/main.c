/*
 * main.c -- ffctl. Everything is in cli.c, where tests can reach it.
 */
#include "clients/cli/cli.h"

int main(int argc, char **argv)
{
    return cli_main(argv + (argc > 0));
}
