// SPDX-License-Identifier: MIT
/*
 * Runs the commands of a file, a line each, words separated by blanks, one after
 * the other, and prints what the kernel says they used: CPU time of all in
 * microseconds, peak memory of the largest in KiB, the time that passed in
 * microseconds. A command that fails ends it, unless its line begins with '-'.
 * SIGTERM is handed on to the command.
 *
 * The memory of who starts a process counts as the process's own until it execs,
 * hence a small one. No shell: its time would be counted, too.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS	64

static volatile pid_t child;

static void terminate(int signal)
{
	if (child > 0)
		kill(child, signal);
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

static int run(char *line, struct rusage *use)
{
	char *words[WORDS + 1] = { strtok(line, " \n") };
	int status;

	for (int i = 0; words[i] && i < WORDS; i++)
		words[i + 1] = strtok(NULL, " \n");
	if (!words[0])
		return 0;
	child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, 0);
		dup2(null, 1);
		execvp(words[0], words);
		perror(words[0]);
		_exit(127);
	}
	while (wait4(child, &status, 0, use) != child)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	static char line[4096];
	long cpu = 0, most = 0, start;
	struct sigaction on = { .sa_handler = terminate };
	FILE *f;

	if (argc != 2 || !(f = fopen(argv[1], "re")))
		return 2;
	sigaction(SIGTERM, &on, NULL);
	start = now();
	while (fgets(line, sizeof(line), f)) {
		int lenient = line[0] == '-';
		struct rusage use = { 0 };
		int status = run(line + lenient, &use);

		if (status && !lenient)
			return status;
		cpu += use.ru_utime.tv_sec * 1000000L + use.ru_utime.tv_usec +
			use.ru_stime.tv_sec * 1000000L + use.ru_stime.tv_usec;
		if (use.ru_maxrss > most)
			most = use.ru_maxrss;
	}
	printf("%ld %ld %ld\n", cpu, most, now() - start);
	return 0;
}
