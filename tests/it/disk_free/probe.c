/* Preloaded into hushed: its first connect() first does what no fetch may. PROBE says what, PROBE_FILE
 * and PROBE_PORT with what. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int (*Connect)(int, const struct sockaddr *, socklen_t);

static void try_it(Connect real) {
    const char *probe = getenv("PROBE"), *file = getenv("PROBE_FILE"), *port = getenv("PROBE_PORT");
    if (!strcmp(probe, "write")) {
        int fd = open(file, O_WRONLY | O_CREAT, 0600);
        if (fd >= 0) { write(fd, "x", 1); close(fd); }
    } else if (!strcmp(probe, "mkdir")) {
        mkdir(file, 0700);
    } else if (!strcmp(probe, "unlink")) {
        unlink(file);
    } else if (!strcmp(probe, "port")) {
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
        inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd >= 0) { real(fd, (struct sockaddr *)&to, sizeof to); close(fd); }
    } else if (!strcmp(probe, "exec")) {
        char *words[] = { "touch", (char *)file, NULL };
        execvp("touch", words);
    } else if (!strcmp(probe, "abort")) {
        abort();
    }
}

int connect(int fd, const struct sockaddr *address, socklen_t length) {
    static int tried;
    Connect real = (Connect)dlsym(RTLD_NEXT, "connect");
    if (!tried && address->sa_family == AF_INET) { tried = 1; try_it(real); }
    return real(fd, address, length);
}
