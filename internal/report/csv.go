package report

import (
	"encoding/csv"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"why401/detectors"
)

// columns of the CSV report: one set for all types, so that one file holds all
// findings. Names are those of the JSON records.
var columns = []string{"type", "time", "end", "severity", "cause", "kind", "file", "line", "end_line", "column",
	"confidence", "rule", "evidence", "source_ip", "user", "method", "path", "status", "layer", "scheme", "location", "fingerprint",
	"source_ips", "source_networks", "users_count", "attempts", "failures", "successes", "compromised_users", "technique", "message", "fix"}

// csvTable writes findings as rows of RFC 4180, quoted where they need it.
type csvTable struct {
	w   *csv.Writer
	row map[string]string
	out []string
}

// NewCSV returns a Writer of comma-separated values.
func NewCSV(w io.Writer) Writer {
	c := &csvTable{w: csv.NewWriter(w), row: map[string]string{}, out: make([]string, len(columns))}
	_ = c.w.Write(columns) // an error is kept for Flush
	return c
}

func (c *csvTable) Finding(f detectors.Finding) error {
	clear(c.row)
	c.row["type"] = f.FindingType()
	c.row["severity"] = string(SeverityOf(f))
	switch f := f.(type) {
	case *detectors.CauseFinding:
		c.cause(f)
	case *detectors.SpikeFinding:
		c.spike(f)
	case *detectors.LeakFinding:
		c.place(f.File, f.Line)
		c.number("column", f.Column)
		c.confidence(f.Confidence)
		c.row["kind"], c.row["scheme"], c.row["location"] = f.Kind, f.Scheme, f.Location
		c.row["fingerprint"], c.row["fix"] = f.Fingerprint, f.Fix
	case *detectors.Note:
		c.place(f.File, f.Line)
		c.row["kind"], c.row["message"] = f.ID, f.Message
	}
	for i, name := range columns {
		c.out[i] = cell(c.row[name])
	}
	return c.w.Write(c.out)
}

func (c *csvTable) cause(f *detectors.CauseFinding) {
	c.place(f.File, f.Line)
	if f.Time != nil {
		c.row["time"] = f.Time.Format(time.RFC3339Nano)
	}
	c.number("end_line", int(f.EndLine))
	c.confidence(f.Confidence)
	c.number("status", f.Status)
	c.row["cause"], c.row["rule"], c.row["evidence"] = f.Cause, f.Rule, f.Evidence
	c.row["source_ip"], c.row["user"], c.row["method"], c.row["path"], c.row["layer"] = f.SourceIP, f.User, f.Method, f.Path, f.Layer
}

func (c *csvTable) spike(f *detectors.SpikeFinding) {
	if !f.Start.IsZero() {
		c.row["time"], c.row["end"] = f.Start.Format(time.RFC3339Nano), f.End.Format(time.RFC3339Nano)
	}
	c.row["kind"], c.row["cause"], c.row["technique"], c.row["message"] = f.Kind, f.Cause, f.Technique, f.Reason
	c.row["source_ips"], c.row["source_networks"] = strings.Join(f.SourceIPs, " "), strings.Join(f.SourceNetworks, " ")
	c.row["compromised_users"] = strings.Join(f.CompromisedUsers, " ")
	c.number("users_count", f.UsersCount)
	c.number("attempts", f.Attempts)
	c.number("failures", f.Failures)
	c.number("successes", f.Successes)
}

func (c *csvTable) place(file string, line int64) {
	c.row["file"] = file
	c.number("line", int(line))
}

// number leaves out zero, which no finding says.
func (c *csvTable) number(name string, n int) {
	if n != 0 {
		c.row[name] = strconv.Itoa(n)
	}
}

func (c *csvTable) confidence(p float64) {
	c.row["confidence"] = strconv.FormatFloat(math.Round(p*1000)/1000, 'f', -1, 64)
}

func (c *csvTable) Flush() error {
	c.w.Flush()
	return c.w.Error()
}

func (c *csvTable) End(*Model) error { return c.Flush() }

// cell cleans a value, and keeps a spreadsheet from computing it: what begins
// like a formula gets an apostrophe before it (OWASP, CSV injection).
func cell(s string) string {
	s = Clean(s)
	if s != "" && strings.IndexByte("=+-@", s[0]) >= 0 {
		return "'" + s
	}
	return s
}
