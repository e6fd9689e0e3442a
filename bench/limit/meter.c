// SPDX-License-Identifier: MIT
/*
 * Runs a command and prints to descriptor 3 what the kernel says it used: CPU
 * time in microseconds and peak memory in KiB. The memory of who starts a
 * process counts as the process's own until it execs, hence a small one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage use;
	int status;
	pid_t pid;

	if (argc < 2)
		return 2;
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
	dprintf(3, "%ld %ld\n", use.ru_utime.tv_sec * 1000000L + use.ru_utime.tv_usec +
		use.ru_stime.tv_sec * 1000000L + use.ru_stime.tv_usec, use.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
