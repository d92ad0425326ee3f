package report

import (
	"errors"

	"why401/detectors"
)

// A Sink carries findings from the engine to a Model and to writers.
type Sink struct {
	Model    *Model
	Filter   *Filter
	Accepted Accepted
	Fail     detectors.Severity // with Found: "" means that nothing fails
	Found    bool               // a finding at or above Fail came by
	Writers  []Writer
}

// Finding implements engine.Sink.
func (s *Sink) Finding(f detectors.Finding) error {
	if !s.Filter.Match(f) {
		return nil
	}
	known := false
	if l, ok := f.(*detectors.LeakFinding); ok {
		if s.Accepted.covers(l, &s.Model.LeftOut) {
			return nil
		}
		known = s.Accepted.Record != nil
	}
	s.Model.Add(f)
	if s.Fail != "" && !s.Found && !known && Rank(SeverityOf(f)) >= Rank(s.Fail) {
		s.Found = true
	}
	for _, w := range s.Writers {
		if err := w.Finding(f); err != nil {
			return err
		}
	}
	return nil
}

// Write implements engine.Sink; a report has no raw output.
func (s *Sink) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

// Flush implements engine.Sink.
func (s *Sink) Flush() error {
	for _, w := range s.Writers {
		if err := w.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// Clean reports whether nothing was found, or nothing at or above Fail.
func (s *Sink) Clean() bool {
	if s.Fail != "" {
		return !s.Found
	}
	return s.Model.Failures == 0 && s.Model.total == 0 && s.Model.Leaks == 0
}

// End lets every writer write what comes last.
func (s *Sink) End() error {
	for _, w := range s.Writers {
		if err := w.End(s.Model); err != nil {
			return err
		}
	}
	return nil
}

// SeverityOf returns how bad f is: a refused request is low, and a note or a
// challenge that belongs to the protocol is nothing.
func SeverityOf(f detectors.Finding) detectors.Severity {
	switch f := f.(type) {
	case *detectors.CauseFinding:
		if f.Cause != "benign_challenge" {
			return detectors.Low
		}
	case *detectors.SpikeFinding:
		return f.Severity
	case *detectors.LeakFinding:
		return f.Severity
	}
	return ""
}

// Severities, from the mildest.
var Severities = []detectors.Severity{detectors.Informational, detectors.Low, detectors.Medium, detectors.High, detectors.Critical}

// Rank orders severities; what is none ranks below all.
func Rank(s detectors.Severity) int {
	for i, t := range Severities {
		if s == t {
			return i + 1
		}
	}
	return 0
}
