/* SPDX-License-Identifier: Apache-2.0 */
/* tallygated: the service. Reads its arguments and becomes the parent, or one of its children. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "child.h"
#include "config_manual.h"
#include "ipc.h"
#include "parent.h"
#include "start_check.h"

#define CONFIG_DEFAULT "/etc/tallygate/tallygate.conf"
#define TEXT_MAX_BYTES ((size_t)256 * 1024)

static const char usage[] =
    "usage: tallygated [-c FILE] [-n | -T]\n"
    "       tallygated --manual | --version | --help\n"
    "\n"
    "  -c FILE    configuration file (default " CONFIG_DEFAULT ")\n"
    "  -n         check the configuration and exit\n"
    "  -T         print the configuration, every setting with its value in force\n"
    "  --manual   print tallygate.conf(5) as roff\n"
    "  --version  print the version\n"
    "  --help     print this text\n";

enum task { TASK_SERVE, TASK_CHECK, TASK_PRINT, TASK_MANUAL, TASK_VERSION, TASK_HELP, TASK_REFUSE };

static int
put(struct span text)
{
    return fwrite(text.at, 1, text.len, stdout) == text.len && fflush(stdout) == 0 ? EXIT_YES
                                                                                   : EXIT_TROUBLE;
}

static int
print_manual(void)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX_BYTES);
    return config_manual(&text) == ERR_OK ? put(buf_span(&text)) : EXIT_TROUBLE;
}

static int
print_config(const struct config *config)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(TEXT_MAX_BYTES);
    return config_print(config, &text) == ERR_OK ? put(buf_span(&text)) : EXIT_TROUBLE;
}

static int
explain(const struct config_fault *fault)
{
    (void)fprintf(stderr, "tallygated: %s", fault->file);
    if (fault->line > 0) {
        (void)fprintf(stderr, ":%d", fault->line);
    }
    (void)fprintf(stderr, ": %s%s%s\n", fault->setting, fault->setting[0] == 0 ? "" : ": ",
                  fault->message);
    return EXIT_TROUBLE;
}

static int
work(enum task task, const char *path)
{
    DEFER(config_free) struct config *config = NULL;
    struct config_fault fault;
    if (config_load(path, &config, &fault) != ERR_OK
        || start_check(path, config, &fault) != ERR_OK) {
        return explain(&fault);
    }
    if (task == TASK_PRINT) {
        return print_config(config);
    }
    return task == TASK_CHECK ? EXIT_YES : parent_main(path, config);
}

static enum task
read_arguments(int argc, char **argv, const char **path)
{
    static const struct option options[] = {
        { "manual", no_argument, NULL, 'M' },
        { "version", no_argument, NULL, 'V' },
        { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    enum task task = TASK_SERVE;
    int letter;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread */
    while ((letter = getopt_long(argc, argv, "c:nTh", options, NULL)) != -1) {
        switch (letter) {
        case 'c':
            *path = optarg;
            break;
        case 'n':
            task = TASK_CHECK;
            break;
        case 'T':
            task = TASK_PRINT;
            break;
        case 'M':
            return TASK_MANUAL;
        case 'V':
            return TASK_VERSION;
        case 'h':
            return TASK_HELP;
        default:
            return TASK_REFUSE;
        }
    }
    return optind == argc ? task : TASK_REFUSE;
}

static int
run(int argc, char **argv)
{
    const char *path = CONFIG_DEFAULT;
    enum task task = read_arguments(argc, argv, &path);
    switch (task) {
    case TASK_MANUAL:
        return print_manual();
    case TASK_VERSION:
        return put(SPAN_LIT("tallygated " TALLYGATE_VERSION "\n"));
    case TASK_HELP:
        return put(span_of(usage));
    case TASK_REFUSE:
        (void)fputs(usage, stderr);
        return EXIT_TROUBLE;
    case TASK_SERVE:
    case TASK_CHECK:
    case TASK_PRINT:
        break;
    }
    return work(task, path);
}

int
main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--child") == 0) {
        struct child_plan plan;
        return ipc_decode(argc, argv, &plan) == ERR_OK ? child_main(&plan) : EXIT_TROUBLE;
    }
    return run(argc, argv);
}
