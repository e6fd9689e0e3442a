package config

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// A machine runs scenarios.
type machine interface {
	where() string // for people
	competitors() []competitor
	put(*Scenario) error
	within(*Scenario, func(place) error) error
	release() // what a scenario left
	close()
}

// measure runs a scenario for some rounds.
func measure(m machine, s *Scenario, rounds int) (*results, error) {
	if err := m.put(s); err != nil {
		return nil, err
	}
	defer m.release()
	if s.rounds > 0 {
		rounds = min(rounds, s.rounds)
	}
	r := &results{scenario: s, where: m.where(), rounds: rounds}
	for round := range rounds {
		start := time.Now()
		if err := r.round(m, round); err != nil {
			return nil, err
		}
		fmt.Fprintf(os.Stderr, "%s, round %d of %d: %.1f s\n", s.size, round+1, rounds, time.Since(start).Seconds())
	}
	return r, nil
}

// round runs every competitor once.
func (r *results) round(m machine, round int) error {
	s := r.scenario
	for _, c := range m.competitors() {
		if !c.can(s, apply) || s.lazy[c.name] || s.slow[c.name] && round > 0 {
			continue
		}
		start := len(r.list)
		err := m.within(s, func(p place) error {
			for _, op := range ops {
				if !c.can(s, op) {
					continue
				}
				sample, err := c.do(p, s, op)
				if err == nil {
					err = s.verify(p, op)
				}
				if err != nil {
					return fmt.Errorf("%s: %w", op, err)
				}
				r.list = append(r.list, figure{c.name, op, round, sample})
			}
			return nil
		})
		if err == nil {
			continue
		}
		err = fmt.Errorf("%s, %s: %w", s.size, c.name, err)
		if !c.peer {
			return err
		}
		r.list = r.list[:start] // it gets no row for what it did not finish
		r.failures = append(r.failures, err)
	}
	return nil
}

// verify looks whether a program has done all of it.
func (s *Scenario) verify(p place, op string) error {
	if err := s.census(p); err != nil || op != change {
		return err
	}
	text, err := p.output(placed(p, s.proof.command))
	if err == nil && !strings.Contains(text, s.proof.shows) {
		err = fmt.Errorf("%s shows %q and not %q", s.proof.command, text, s.proof.shows)
	}
	return err
}

func (s *Scenario) census(p place) error {
	text, err := p.output(p.program("census"))
	if err != nil {
		return err
	}
	if have, want := strings.TrimSpace(text), s.counts.String(); have != want {
		return fmt.Errorf("in the end there are\n%s\nand not\n%s", have, want)
	}
	return nil
}
