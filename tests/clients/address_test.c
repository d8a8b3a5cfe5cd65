#include <stdlib.h>
#include <string.h>

#include "clients/c/address.h"
#include "tests/clients/support.h"

void address_of_a_unix_socket_is_its_path(void **state)
{
    (void)state;
    struct ffc_address a;
    char why[FFC_WHY_MAX];
    assert_int_equal(ffc_address_parse(&a, "unix:/run/ffd/ffd.sock", why), 0);
    assert_true(a.local);
    assert_string_equal(a.path, "/run/ffd/ffd.sock");
}

void address_of_tcp_is_host_and_port(void **state)
{
    (void)state;
    struct ffc_address a;
    char why[FFC_WHY_MAX];
    assert_int_equal(ffc_address_parse(&a, "tcp:localhost:7310", why), 0);
    assert_false(a.local);
    assert_string_equal(a.host, "localhost");
    assert_string_equal(a.port, "7310");
}

void address_of_tls_is_one_of_tcp(void **state)
{
    (void)state;
    struct ffc_address a;
    char why[FFC_WHY_MAX];
    assert_int_equal(ffc_address_parse(&a, "tls:[::1]:7311", why), 0);
    assert_false(a.local);
    assert_true(a.tls);
    assert_string_equal(a.host, "::1");
    assert_string_equal(a.port, "7311");
    assert_int_equal(ffc_address_parse(&a, "tcp:localhost:7311", why), 0);
    assert_false(a.tls);
    assert_int_equal(ffc_address_parse(&a, "tls:", why), FFC_EADDRESS);
}

void address_of_ipv6_stands_in_brackets(void **state)
{
    (void)state;
    struct ffc_address a;
    char why[FFC_WHY_MAX];
    assert_int_equal(ffc_address_parse(&a, "tcp:[::1]:7310", why), 0);
    assert_string_equal(a.host, "::1");
    assert_string_equal(a.port, "7310");
    assert_int_equal(ffc_address_parse(&a, "tcp:::1:7310", why), FFC_EADDRESS);
    assert_non_null(strstr(why, "brackets"));
}

void address_that_is_none_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "/run/ffd.sock",
                                      "unix:",
                                      "tcp:",
                                      "tcp:host",
                                      "tcp:host:",
                                      "tcp::7310",
                                      "tcp:host:0",
                                      "tcp:h:65536",
                                      "tcp:h:99999999",
                                      "tcp:[::1]7310",
                                      "tcp:[::1",
                                      "tcp:h:7a",
                                      "http:h:1"};
    struct ffc_address a;
    char why[FFC_WHY_MAX], longest[256] = "unix:/";
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        why[0] = '\0';
        assert_int_equal(ffc_address_parse(&a, bad[i], why), FFC_EADDRESS);
        assert_non_null(strstr(why, "unix:/path"));
    }
    memset(longest + 6, 'x', 107);
    assert_int_equal(ffc_address_parse(&a, longest, why), FFC_EADDRESS);
    longest[5 + 107] = '\0';
    assert_int_equal(ffc_address_parse(&a, longest, why), 0);
}

void address_comes_from_the_environment(void **state)
{
    (void)state;
    assert_int_equal(setenv("FFD_ADDRESS", "tcp:there:1", 1), 0);
    assert_string_equal(ffc_default_address(), "tcp:there:1");
    assert_int_equal(unsetenv("FFD_ADDRESS"), 0);
    assert_string_not_equal(ffc_default_address(), "tcp:there:1");
}
