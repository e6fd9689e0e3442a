// SPDX-License-Identifier: MIT
/*
 * Runs a command and prints to descriptor 3 what the kernel says it used: CPU
 * time in microseconds and peak memory in KiB, then the time that passed in
 * microseconds. The memory of who starts a
 * process counts as the process's own until it execs, hence a small one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

int main(int argc, char **argv)
{
	struct rusage use;
	int status;
	long start;
	pid_t pid;

	if (argc < 2)
		return 2;
	start = now();
	pid = fork();
	if (pid == 0) {
		close(3);
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &use) != pid) {
		perror("meter");
		return 126;
	}
	dprintf(3, "%ld %ld %ld\n", use.ru_utime.tv_sec * 1000000L + use.ru_utime.tv_usec +
		use.ru_stime.tv_sec * 1000000L + use.ru_stime.tv_usec, use.ru_maxrss, now() - start);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
