package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"why401/detectors"
)

// lines is the live report for people: one line a finding.
type lines struct {
	w   *bufio.Writer
	opt Options
}

// NewLines returns a Writer of one line a finding, for following.
func NewLines(w io.Writer, opt Options) Writer {
	if opt.Zone == nil {
		opt.Zone = time.UTC
	}
	return &lines{bufio.NewWriter(w), opt}
}

func (l *lines) Finding(f detectors.Finding) error {
	var at time.Time
	var kind, colour string
	var parts []string
	add := func(s ...string) {
		for _, s := range s {
			if s != "" {
				parts = append(parts, Clean(s))
			}
		}
	}
	switch f := f.(type) {
	case *detectors.CauseFinding:
		if f.Time != nil {
			at = *f.Time
		}
		kind, colour = f.Cause, bold
		if f.Cause == "benign_challenge" {
			colour = dim
		}
		status := ""
		if f.Status != 0 {
			status = fmt.Sprint(f.Status)
		}
		add(f.SourceIP, prefixed("as ", f.User), f.Method, f.Path, status)
		if f.Evidence != "" {
			add(fmt.Sprintf("%q", f.Evidence))
		}
		add(fmt.Sprintf("(%s:%d)", f.File, f.Line))
	case *detectors.SpikeFinding:
		at, kind, colour = f.DetectedAt, f.Kind, severityColour(f.Severity)
		if f.Phase != "opened" {
			at = f.End
		}
		add(f.Phase, "from "+origin(f)+":")
		if len(f.CompromisedUsers) > 0 {
			add("got into " + strings.Join(f.CompromisedUsers, ", ") + ";")
		}
		add(f.Reason)
	case *detectors.LeakFinding:
		kind, colour = "leak", severityColour(f.Severity)
		add(f.Kind, prefixed("in ", f.Location), fmt.Sprintf("(%s)", place(f)))
	case *detectors.Note:
		kind, colour = "note", dim
		add(f.Message)
		switch {
		case f.Line > 0:
			add(fmt.Sprintf("(%s:%d)", f.File, f.Line))
		case f.File != "":
			add("(" + f.File + ")")
		}
	}
	stamp := fmt.Sprintf("%-*s", len(time.Time{}.In(l.opt.Zone).Format(time.RFC3339)), "-")
	if !at.IsZero() {
		stamp = at.In(l.opt.Zone).Format(time.RFC3339)
	}
	_, err := fmt.Fprintf(l.w, "%s  %s  %s\n", stamp, l.opt.Style.Colour(cmp.Or(colour, bold), Clean(kind)), strings.Join(parts, " "))
	return err
}

func prefixed(prefix, s string) string {
	if s == "" {
		return ""
	}
	return prefix + s
}

func (l *lines) Flush() error     { return l.w.Flush() }
func (l *lines) End(*Model) error { return l.w.Flush() }
