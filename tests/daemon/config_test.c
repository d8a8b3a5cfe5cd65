#include <stdio.h>
#include <string.h>

#include "daemon/config.h"
#include "daemon/keys.h"
#include "daemon/yaml.h"
#include "tests/daemon/support.h"

#define STREAM "{input: {shape: [4], dtype: f32}, stream: {}}"

/* That a file of this text is refused with this sentence. */
static void refused(const char *text, const char *sentence)
{
    struct ffd_config c;
    char why[FFD_CONFIG_WHY_MAX] = "";

    ffd_config_init(&c);
    assert_int_equal(
        ffd_config_parse(&c, "config.yaml", text, strlen(text), why), -1);
    assert_string_equal(why, sentence);
    ffd_config_release(&c);
}

static struct ffd_config accepted(const char *text)
{
    struct ffd_config c;
    char why[FFD_CONFIG_WHY_MAX] = "";

    ffd_config_init(&c);
    if (ffd_config_parse(&c, "config.yaml", text, strlen(text), why) < 0)
        fail_msg("%s", why);
    return c;
}

void empty_file_has_all_defaults(void **state)
{
    struct ffd_config c = accepted("");

    (void)state;
    assert_int_equal(c.listens, 1);
    assert_string_equal(c.listen[0], "unix:/run/ffd/ffd.sock");
    assert_string_equal(c.state, "/var/lib/ffd");
    assert_int_equal(c.memory_limit, 512 << 20);
    assert_int_equal(c.n_models, 0);
    ffd_config_release(&c);
}

void unknown_keys_are_refused_with_their_line(void **state)
{
    (void)state;
    refused("log: info\nhtp: 127.0.0.1:7311\n",
            "config.yaml:2: htp: unknown key");
    refused("durable: normal\n", "config.yaml:1: durable: unknown key");
    refused("snapshots:\n  evry: 5\n",
            "config.yaml:2: snapshots.evry: unknown key");
    refused("models:\n  a:\n    input: {shape: [4]}\n    unts: 3\n",
            "config.yaml:4: unts: unknown key");
    refused("models:\n  a:\n    input: {shape: [4], kind: x}\n",
            "config.yaml:3: input.kind: unknown key");
    refused("models:\n  a:\n    input: {shape: [4]}\n    sleep:\n"
            "      every: 5\n      nights: 2\n",
            "config.yaml:6: sleep.nights: unknown key");
}

void keys_given_twice_are_refused(void **state)
{
    (void)state;
    refused("log: info\nstate: /x\nlog: debug\n",
            "config.yaml:3: key 'log' is given twice");
    refused("models:\n  a: {input: {shape: [4]}}\n  a: {input: {shape: [4]}}\n",
            "config.yaml:3: models: key 'a' is given twice");
}

/* Found by fuzz_config: 63 letters and the first byte of the next. */
void an_error_that_cuts_a_character_is_text(void **state)
{
#define LETTERS                                                                \
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    (void)state;
    refused(LETTERS "\xc3\xa9: 1\n" LETTERS "\xc3\xa9: 1\n",
            "config.yaml:2: key '" LETTERS "?' is given twice");
#undef LETTERS
}

void not_yaml_is_refused_with_its_line(void **state)
{
    (void)state;
    refused("log: info\nstate: [1, 2\n",
            "config.yaml:3: not YAML: did not find expected ',' or ']'");
    refused("- a\n- b\n", "config.yaml:1: must be a map of options");
    refused("log: info\n---\nlog: debug\n",
            "config.yaml:3: a second document (after ---) is not allowed");
    refused("? [a]\n: b\n", "config.yaml:1: keys must be plain text");
}

void wrong_choices_name_the_right_ones(void **state)
{
    (void)state;
    refused("log: loud\n", "config.yaml:1: log: must be error, warning, "
                           "notice, info or debug, is loud");
    refused("models:\n  a:\n    input: {shape: [4], dtype: f64}\n",
            "config.yaml:3: input.dtype: must be u8, f32 or i16, is f64");
    refused("models:\n  a:\n    input: {shape: [4]}\n    overload: panic\n",
            "config.yaml:4: overload: must be block, reject, drop_oldest or "
            "sample, is panic");
    refused("models:\n  a:\n    input: {shape: [4]}\n    objective: gan\n",
            "config.yaml:4: objective: must be competitive, label_overlay, "
            "hybrid, self_contrastive, label_pattern, top_down or sequence, is "
            "gan");
}

void wrong_numbers_say_what_is_allowed(void **state)
{
    (void)state;
    refused("learners: 0\n", "config.yaml:1: learners: must be a whole number "
                             "from 1 to 256, is 0");
    refused("learners: '2'\n", "config.yaml:1: learners: must be a whole "
                               "number from 1 to 256, is 2");
    refused("learners: -1\n", "config.yaml:1: learners: must be a whole number "
                              "from 1 to 256, is -1");
    refused("learners: [1]\n", "config.yaml:1: learners: must be a whole "
                               "number from 1 to 256, is a list");
    refused("memory_limit: 1 MiB\n",
            "config.yaml:1: memory_limit: must be a number of bytes (KiB, MiB "
            "and GiB are understood) of at least 67108864, is 1 MiB");
    refused("memory_limit: 99999999999 GiB\n",
            "config.yaml:1: memory_limit: must be a number of bytes (KiB, MiB "
            "and GiB are understood) of at least 67108864, is 99999999999 GiB");
    refused("models:\n  a:\n    input: {shape: [4]}\n    lr: nan\n",
            "config.yaml:4: lr: must be a number of at least 0, or auto, is "
            "nan");
    refused("models:\n  a:\n    input: {shape: [4]}\n    theta: much\n",
            "config.yaml:4: theta: must be a number of at least 0, or auto, is "
            "much");
    refused("models:\n  a:\n    input: {shape: [4]}\n    seed: 1.5\n",
            "config.yaml:4: seed: must be a whole number from 0 to "
            "9007199254740992, is 1.5");
}

void addresses_are_checked(void **state)
{
    (void)state;
    refused("listen: 7310\n", "config.yaml:1: listen: must be unix:PATH, "
                              "tcp:HOST:PORT or tls:HOST:PORT, is 7310");
    refused("listen:\n  - unix:/a\n  - tcp:localhost\n",
            "config.yaml:3: listen[1]: must be tcp:HOST:PORT, is "
            "tcp:localhost");
    refused("listen: [tcp:127.0.0.1:99999]\n",
            "config.yaml:1: listen[0]: must be tcp:HOST:PORT, is "
            "tcp:127.0.0.1:99999");
    refused("listen: [tcp:example.org:1]\n",
            "config.yaml:1: listen[0]: host must be an IP address or "
            "localhost, is example.org");
    refused("listen: []\n",
            "config.yaml:1: listen: must be a list of 1 to 16 addresses");
    refused("listen: ['unix:']\n",
            "config.yaml:1: listen[0]: the path of a Unix socket has 1 to 107 "
            "bytes");
}

void addresses_of_other_machines_are_refused(void **state)
{
    static const char *const hosts[] = {"0.0.0.0", "192.168.1.5", "[::]",
                                        "[fe80::1]"};

    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
        char address[64], why[FFD_CONFIG_WHY_MAX];

        snprintf(address, sizeof(address), "tcp:%s:7310", hosts[i]);
        assert_int_equal(ffd_address_check(address, why), -1);
        assert_non_null(strstr(why, "can be reached from other machines"));
    }
}

void http_is_a_loopback_address_or_off(void **state)
{
    struct ffd_config c = accepted("");

    (void)state;
    assert_string_equal(c.http, "tcp:127.0.0.1:7311");
    assert_false(c.http_given);
    ffd_config_release(&c);
    c = accepted("http: '[::1]:80'\n");
    assert_string_equal(c.http, "tcp:[::1]:80");
    assert_true(c.http_given);
    ffd_config_release(&c);
    c = accepted("http: off\n");
    assert_string_equal(c.http, "");
    ffd_config_release(&c);
    refused("http: 0.0.0.0:80\n",
            "config.yaml:1: http: must be HOST:PORT of a loopback address, or "
            "off, is 0.0.0.0:80 (ssh -L brings it to another machine)");
    refused("http: [a]\n", "config.yaml:1: http: must be HOST:PORT, or off");
}

void tls_needs_a_certificate_and_its_key(void **state)
{
    (void)state;
    refused("listen: [tls:127.0.0.1:7311]\n",
            "config.yaml:1: listen[0]: tls: needs tls.certificate, which is "
            "not set");
    refused("tls: {certificate: /c}\n",
            "config.yaml:1: tls: certificate and key go together, and "
            "client_ca only with them");
    refused("tls: {client_ca: /c}\n",
            "config.yaml:1: tls: certificate and key go together, and "
            "client_ca only with them");
    refused("tls: [/c, /k]\n", "config.yaml:1: tls: must be a map, as in "
                               "{certificate: FILE, key: FILE}");
    refused("tls: {certificate: [], key: /k}\n",
            "config.yaml:1: tls.certificate: must be the path of a file, or ~ "
            "for none");
    refused("tls: {verify: no}\n", "config.yaml:1: tls.verify: unknown key");
}

void tls_of_other_machines_needs_tokens_or_a_client_ca(void **state)
{
    static const char *const good[] = {
        "listen: [tls:127.0.0.1:1]\ntls: {certificate: /c, key: /k}\n",
        "listen: [tls:0.0.0.0:1]\ntls: {certificate: /c, key: /k}\n"
        "tokens: /t\n",
        "tls: {certificate: /c, key: /k, client_ca: /a}\n"
        "listen: ['tls:[::]:1']\n"};

    (void)state;
    refused("log: info\ntls: {certificate: /c, key: /k}\nlisten:\n"
            "  - unix:/a\n  - tls:0.0.0.0:1\n",
            "config.yaml:5: listen[1]: 0.0.0.0 can be reached from other "
            "machines, which needs tokens or tls.client_ca, and neither is "
            "set; ffd --new-token makes a token");
    for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
        struct ffd_config c = accepted(good[i]);

        ffd_config_release(&c);
    }
}

void admins_are_users_and_groups_that_exist(void **state)
{
    struct ffd_config c = accepted("admins: [root, '@root']\n");

    (void)state;
    assert_true(c.admins_given);
    assert_int_equal(c.n_admins, 2);
    assert_false(c.admins[0].is_group);
    assert_true(c.admins[1].is_group);
    ffd_config_release(&c);
    c = accepted("admins: []\n");
    assert_true(c.admins_given);
    ffd_config_release(&c);
    c = accepted("admins: ~\n");
    assert_false(c.admins_given);
    ffd_config_release(&c);
    refused("admins: [root, no-such-user]\n",
            "config.yaml:1: admins[1]: must be a user or @group of this "
            "machine, is no-such-user");
    refused("admins: ['@no-such-group']\n",
            "config.yaml:1: admins[0]: must be a user or @group of this "
            "machine, is @no-such-group");
    refused("admins: root\n",
            "config.yaml:1: admins: must be a list of at most 64 users and "
            "@groups, or ~ for all who can open the socket");
}

void loopback_addresses_are_accepted(void **state)
{
    char host[64], why[FFD_CONFIG_WHY_MAX];
    int port;

    (void)state;
    assert_int_equal(ffd_address_check("tcp:127.0.0.1:7310", why), 0);
    assert_int_equal(ffd_address_check("tcp:[::1]:0", why), 0);
    assert_int_equal(ffd_address_check("unix:/run/ffd/ffd.sock", why), 0);
    assert_int_equal(ffd_address_split("tcp:[::1]:7310", host, &port), 0);
    assert_string_equal(host, "::1");
    assert_int_equal(port, 7310);
    assert_int_equal(ffd_address_split("tcp:localhost:1", host, &port), 0);
    assert_string_equal(host, "127.0.0.1");
}

void state_must_be_a_path(void **state)
{
    (void)state;
    refused("state: ''\n",
            "config.yaml:1: state: must be the path of a directory");
    refused("state: [a]\n",
            "config.yaml:1: state: must be the path of a directory");
}

void model_names_are_checked(void **state)
{
    (void)state;
    refused("models:\n  ../up: {input: {shape: [4]}}\n",
            "config.yaml:2: models: a model's name is 1 to 64 of a-z, 0-9, _ "
            "and -, is ../up");
    refused("models: 5\n",
            "config.yaml:1: models: must be a map of models by name");
    refused("models:\n  a: 5\n", "config.yaml:2: a model must be a map with at "
                                 "least input");
}

static struct ffd_config with_model(const char *more)
{
    char text[512];

    snprintf(text, sizeof(text),
             "models:\n  a:\n    input: {shape: [8, 8]}\n%s", more);
    return accepted(text);
}

void followers_are_checked_with_their_line(void **state)
{
    struct ffd_config c = accepted("models:\n"
                                   "  b: {input: {shape: [4]}, follows: a}\n"
                                   "  a: {input: {shape: [4]}}\n"
                                   "  c: {input: {shape: [9]}, follows: z}\n");

    (void)state;
    assert_string_equal(c.models[0].config.follows, "a");
    ffd_config_release(&c);
    refused("models:\n  a:\n    input: {shape: [4]}\n    follows: A\n",
            "config.yaml:4: follows: must be a model's name, 1 to 64 of a-z, "
            "0-9, _ and -, or ~ for none, is A");
    refused("models:\n  a:\n    input: {shape: [4]}\n    follows: [a]\n",
            "config.yaml:4: follows: must be a model's name, 1 to 64 of a-z, "
            "0-9, _ and -, or ~ for none, is a list");
    refused("models:\n  a:\n    input: {shape: [4]}\n    follows: a\n",
            "config.yaml:4: follows: a model cannot follow itself");
    refused("models:\n  a:\n    input: {shape: [4]}\n    follows: b\n"
            "  b:\n    input: {shape: [4]}\n    follows: c\n",
            "config.yaml:4: follows: a would follow b, which follows c "
            "itself; follow c instead");
    refused("models:\n  a:\n    input: {shape: [4]}\n"
            "  b:\n    follows: a\n    input: {shape: [2, 2]}\n",
            "config.yaml:6: input: b would follow a, which takes [4] u8 and "
            "not [2, 2] u8; give both the same input");
}

void follows_may_be_nobody(void **state)
{
    struct ffd_config c = accepted("models:\n"
                                   "  a: {input: {shape: [4]}, follows: ~}\n"
                                   "  b: {input: {shape: [4]}, "
                                   "\"follows\": null}\n"
                                   "  c: {input: {shape: [4]}, "
                                   "follows: \"null\"}\n");

    (void)state;
    assert_string_equal(c.models[0].config.follows, "");
    assert_string_equal(c.models[1].config.follows, "");
    assert_string_equal(c.models[2].config.follows, "null");
    ffd_config_release(&c);
}

static bool may_reload(const char *old_text, const char *new_text, char *why)
{
    struct ffd_config a = with_model(old_text), b = with_model(new_text);
    bool may = ffd_config_can_reload(&a, &b, why);

    ffd_config_release(&a);
    ffd_config_release(&b);
    return may;
}

void reload_takes_runtime_keys(void **state)
{
    char why[FFD_CONFIG_WHY_MAX];

    (void)state;
    assert_true(may_reload("", "    lr: 0.001\n    overload: reject\n", why));
    assert_true(may_reload("", "    sleep: off\n", why));
    assert_true(may_reload("",
                           "snapshots: {every: 0, keep: 9, hourly: 0, "
                           "daily: 0, limit: 1 GiB}\n",
                           why));
    assert_true(may_reload("", "log: debug\nmemory_limit: 1 GiB\n", why));
    assert_true(may_reload("", "tokens: /t\nadmins: []\n", why));
}

void reload_refuses_structural_keys(void **state)
{
    char why[FFD_CONFIG_WHY_MAX];

    (void)state;
    assert_false(may_reload("", "    classes: 5\n", why));
    assert_string_equal(why, "models.a.classes: differs, which needs a new "
                             "model");
    assert_false(may_reload("", "    layers: [{dense: 5}]\n", why));
    assert_string_equal(why, "models.a.layers: differs, which needs a new "
                             "model");
    assert_false(may_reload("", "    inbox: 5\n", why));
    assert_string_equal(why, "models.a.inbox cannot change while ffd runs; it "
                             "needs a restart");
    assert_false(may_reload("", "    follows: b\n", why));
    assert_string_equal(why, "models.a.follows cannot change while ffd runs; "
                             "it needs a restart");
    assert_false(may_reload("", "  b: {input: {shape: [4]}}\n", why));
    assert_string_equal(
        why, "models cannot change while ffd runs; it needs a restart");
    assert_false(may_reload("", "learners: 9\n", why));
    assert_string_equal(
        why, "learners cannot change while ffd runs; it needs a restart");
    assert_false(may_reload("", "state: /elsewhere\n", why));
    assert_false(may_reload("", "listen: [unix:/elsewhere]\n", why));
    assert_false(may_reload("", "http: off\n", why));
    assert_string_equal(
        why, "http cannot change while ffd runs; it needs a restart");
}

/* ---- config/ffd.yaml ------------------------------------------------------
 */

static void load(struct ffd_config *c, const char *file)
{
    char path[512], why[FFD_CONFIG_WHY_MAX];

    snprintf(path, sizeof(path), "%s/%s", FFD_CONFIG_DIR, file);
    ffd_config_init(c);
    if (ffd_config_load(c, path, why) < 0)
        fail_msg("%s", why);
}

void examples_are_valid(void **state)
{
    static const char *const files[] = {
        "anomaly.yaml", "audio.yaml", "camera.yaml",    "colour.yaml",
        "sensor.yaml",  "text.yaml",  "unlabelled.yaml"};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
        struct ffd_config c;

        load(&c, files[i]);
        assert_int_equal(c.n_models, 1);
        ffd_config_release(&c);
    }
}

static void same(enum ffd_section section, const void *a, const void *b)
{
    for (const struct ffd_key *k = ffd_keys(section); k->name; k++) {
        if (!ffd_key_same(k, a, b))
            fail_msg("ffd.yaml states another default for %s", k->name);
    }
}

void reference_states_the_defaults(void **state)
{
    struct ffd_config written, built;
    struct ffd_model_config m;
    char why[FF_WHY_MAX];

    (void)state;
    load(&written, "ffd.yaml");
    ffd_config_init(&built);
    same(FFD_SECTION_TOP, &written, &built);
    same(FFD_SECTION_TLS, &written, &built);
    assert_int_equal(written.admins_given, built.admins_given);
    same(FFD_SECTION_JOURNAL, &written, &built);
    same(FFD_SECTION_SNAPSHOTS, &written, &built);
    assert_int_equal(written.listens, built.listens);
    assert_string_equal(written.listen[0], built.listen[0]);
    assert_string_equal(written.state, built.state);

    assert_int_equal(written.n_models, 1);
    ffd_model_config_init(&m);
    m.spec.shape[0] = m.spec.shape[1] = 28;
    m.spec.shape[2] = 1;
    m.spec.image = true;
    assert_int_equal(ff_spec_check(&m.spec, why), FF_OK);
    same(FFD_SECTION_MODEL, &written.models[0].config, &m);
    same(FFD_SECTION_INPUT, &written.models[0].config, &m);
    same(FFD_SECTION_SLEEP, &written.models[0].config, &m);
    same(FFD_SECTION_LATE, &written.models[0].config, &m);
    same(FFD_SECTION_DRIFT, &written.models[0].config, &m);
    assert_true(
        ff_spec_same_structure(&written.models[0].config.spec, &m.spec, why));
    ffd_config_release(&written);
}

/* stream is a map that the reference does not have, since its example has no
   streams; it tells of each key in the comment, with its default. */
static void all_told(const char *text)
{
    struct ffd_model_config m;

    assert_int_equal(ffd_model_config_parse(&m, "spec", STREAM, strlen(STREAM),
                                            (char[FFD_CONFIG_WHY_MAX]){0}),
                     0);
    for (const struct ffd_key *k = ffd_keys(FFD_SECTION_STREAM); k->name; k++) {
        char line[96], value[32];
        size_t n;

        if (k->kind == FFD_KEY_OTHER || k->kind == FFD_KEY_FLOAT)
            continue; /* words, anomaly */
        memcpy(&n, (const char *)&m + k->offset, sizeof(n));
        snprintf(value, sizeof(value), "%zu", n);
        snprintf(line, sizeof(line), "\n    #   %s (%s) ", k->name,
                 k->choices ? ffd_key_word(FFD_SECTION_STREAM, k->name, &m)
                 : k->word && n == (size_t)k->word_value ? k->word
                                                         : value);
        if (!strstr(text, line))
            fail_msg("ffd.yaml does not tell of stream:%s", line);
    }
    assert_true(m.spec.stream.words && m.spec.stream.anomaly == 0);
    assert_non_null(strstr(text, "\n    #   words (on) "));
    assert_non_null(strstr(text, "\n    #   anomaly (0) "));
}

static void all_there(struct ffd_yaml *y, yaml_node_t *map,
                      enum ffd_section section)
{
    assert_non_null(map);
    for (const struct ffd_key *k = ffd_keys(section); k->name; k++) {
        if (!ffd_yaml_get(y, map, k->name))
            fail_msg("ffd.yaml does not have the key %s", k->name);
    }
}

void reference_has_every_key(void **state)
{
    static char text[1 << 16];
    char why[FFD_CONFIG_WHY_MAX];
    FILE *f = fopen(FFD_CONFIG_DIR "/ffd.yaml", "re");
    struct ffd_yaml y;
    yaml_node_t *root, *model;
    size_t n;

    (void)state;
    assert_non_null(f);
    n = fread(text, 1, sizeof(text), f);
    fclose(f);
    assert_int_equal(ffd_yaml_init(&y, "ffd.yaml", text, n, why, sizeof(why)),
                     0);
    root = ffd_yaml_root(&y);
    all_there(&y, root, FFD_SECTION_TOP);
    all_there(&y, ffd_yaml_get(&y, root, "tls"), FFD_SECTION_TLS);
    all_there(&y, ffd_yaml_get(&y, root, "journal"), FFD_SECTION_JOURNAL);
    all_there(&y, ffd_yaml_get(&y, root, "snapshots"), FFD_SECTION_SNAPSHOTS);
    model = ffd_yaml_follow(&y, root, "models.example");
    all_there(&y, model, FFD_SECTION_MODEL);
    all_there(&y, ffd_yaml_get(&y, model, "input"), FFD_SECTION_INPUT);
    all_there(&y, ffd_yaml_get(&y, model, "sleep"), FFD_SECTION_SLEEP);
    all_there(&y, ffd_yaml_get(&y, model, "late_labels"), FFD_SECTION_LATE);
    all_there(&y, ffd_yaml_get(&y, model, "drift"), FFD_SECTION_DRIFT);
    all_told(text);
    ffd_yaml_release(&y);
}
