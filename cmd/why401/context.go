package main

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"why401/detectors"
	"why401/detectors/leak"
	"why401/internal/engine"
	"why401/internal/report"
)

// around returns a function that reads the lines around places, n before and n
// after, redacted. What can't be read twice, such as standard input, has none.
func around(ctx context.Context, n int, canary *leak.Finder, own *leak.Own) func([]detectors.FilePlace) map[detectors.FilePlace][]report.Line {
	return func(places []detectors.FilePlace) map[detectors.FilePlace][]report.Line {
		byFile := map[string][]int64{}
		for _, p := range places {
			byFile[p.File] = append(byFile[p.File], p.Line)
		}
		found := map[detectors.FilePlace][]report.Line{}
		for file, lines := range byFile {
			if file == "-" {
				continue
			}
			want := &lineSink{next: 1, keep: map[int64]string{}}
			for _, line := range lines {
				for k := max(1, line-int64(n)); k <= line+int64(n); k++ {
					want.keep[k] = ""
					want.last = max(want.last, k)
				}
			}
			// Errors were told when the file was read first.
			_, _ = engine.Run(ctx, []engine.Log{{Name: file, Named: true}}, engine.Config{Mode: engine.Redact, Canary: canary, Own: own}, want)
			for _, line := range slices.Compact(slices.Sorted(slices.Values(lines))) {
				place := detectors.FilePlace{File: file, Line: line}
				for k := max(1, line-int64(n)); k <= line+int64(n) && k < want.next; k++ {
					found[place] = append(found[place], report.Line{Number: k, Text: want.keep[k]})
				}
			}
		}
		return found
	}
}

// A lineSink keeps some lines of a log, each cut to maxContext bytes.
type lineSink struct {
	next int64 // number of the line that comes next
	last int64 // the last one wanted
	keep map[int64]string
	part []byte // of a line whose end hasn't come
}

const maxContext = 2000

var errEnough = errors.New("the lines wanted were read")

func (s *lineSink) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		line, rest, whole := bytes.Cut(p, []byte("\n"))
		if _, want := s.keep[s.next]; want {
			s.part = append(s.part, line[:min(len(line), maxContext-min(len(s.part), maxContext))]...)
		}
		if p = rest; whole {
			s.end()
			if s.next > s.last {
				return n, errEnough
			}
		}
	}
	return n, nil
}

func (s *lineSink) end() {
	if _, want := s.keep[s.next]; want {
		s.keep[s.next] = string(bytes.TrimSuffix(s.part, []byte("\r")))
	}
	s.next, s.part = s.next+1, s.part[:0]
}

// Flush ends a last line without line ending.
func (s *lineSink) Flush() error {
	if len(s.part) > 0 {
		s.end()
	}
	return nil
}

func (s *lineSink) Finding(detectors.Finding) error { return nil }
