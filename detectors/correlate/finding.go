package correlate

import (
	"math"
	"slices"
	"time"

	"why401/detectors"
	"why401/parsers"
	"why401/rules"
)

// finding tells a failure with its verdict.
func (t *Tracker) finding(f *held, v *rules.Verdict) *detectors.CauseFinding {
	c := t.caused(f.Attempt, v)
	if f.untimed {
		c.Time = nil
	}
	add := func(p detectors.Place) {
		place := detectors.FilePlace{File: t.file(p), Line: p.Line}
		if p != f.Place && !slices.Contains(c.Related, place) {
			c.Related = append(c.Related, place)
		}
	}
	if f.Opened != nil {
		add(f.Opened.Place)
	}
	for i := range f.parts {
		add(f.parts[i].Place)
	}
	for _, s := range f.signals {
		add(s.Place)
	}
	return c
}

// signFinding tells an episode that explains no failure.
func (t *Tracker) signFinding(s *sign) *detectors.CauseFinding {
	v := rules.Verdict{Cause: rules.IDPUnreachable, Confidence: 0.7}
	if s.Fail != nil {
		v = s.Fail.Verdict
		if v.Cause == rules.None {
			v.Cause = rules.IDPUnreachable
		}
	}
	c := t.caused(&s.Attempt, &v)
	for _, p := range s.more {
		c.Related = append(c.Related, detectors.FilePlace{File: t.file(p), Line: p.Line})
	}
	return c
}

func (t *Tracker) caused(a *detectors.Attempt, v *rules.Verdict) *detectors.CauseFinding {
	at := time.Unix(0, a.Time).UTC()
	c := &detectors.CauseFinding{Type: "cause", File: t.file(a.Place), Line: a.Line, EndLine: a.EndLine, Time: &at,
		Cause: v.Cause.String(), Confidence: math.Round(float64(v.Confidence)*100) / 100, Rule: v.Rule, Evidence: v.Evidence,
		User: a.User, Status: int(a.Status)}
	if len(v.Candidates) > 0 {
		c.Candidates = make([]string, 0, len(v.Candidates))
	}
	for _, o := range v.Candidates {
		c.Candidates = append(c.Candidates, o.Cause.String())
	}
	if a.Client.IsValid() {
		c.SourceIP = a.Client.String()
	}
	if a.Layer != parsers.LayerUnknown {
		c.Layer = a.Layer.String()
	}
	if a.Fail != nil {
		c.Method, c.Path, c.UserAgent = a.Fail.Method, a.Fail.Path, a.Fail.UserAgent
	}
	return c
}

// file returns the name of the source of p.
func (t *Tracker) file(p detectors.Place) string {
	if files := t.cfg.Files(); p.Source >= 0 && int(p.Source) < len(files) {
		return files[p.Source]
	}
	return ""
}
