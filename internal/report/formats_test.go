package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"why401/detectors"
	"why401/internal/engine"
	"why401/rules"
)

func someFindings() []detectors.Finding {
	at := time.Date(2026, 3, 12, 14, 0, 0, 0, time.UTC)
	return []detectors.Finding{
		&detectors.CauseFinding{Type: "cause", File: "logs/app.log", Line: 7, Cause: "expired_token", Confidence: 0.925, Time: &at, SourceIP: "192.0.2.7",
			User: "=HYPERLINK(1)", Path: "/a,b", Status: 401},
		&detectors.CauseFinding{Type: "cause", File: "logs/app.log", Line: 8, Cause: "benign_challenge"},
		&detectors.SpikeFinding{Type: "spike", ID: "x", Kind: "brute_force", Severity: detectors.Critical, SourceIPs: []string{"192.0.2.7", "192.0.2.8"},
			Start: at, End: at, Attempts: 9, Reason: "9 tries"},
		&detectors.LeakFinding{Type: "leak", File: "/var/log/a b.log", Line: 9, Column: 4, Kind: "jwt", Severity: detectors.High, Confidence: 1, Fingerprint: "00ff"},
		&detectors.Note{Type: "note", ID: "challenge_missing", Message: "no challenge", File: "-", Line: 3},
	}
}

func written(t *testing.T, w Writer, findings []detectors.Finding) {
	t.Helper()
	m := NewModel()
	m.Stats = &engine.Stats{Files: []engine.FileStats{{Name: "a.log", Lines: 9, Records: 9}}}
	for _, f := range findings {
		m.Add(f)
		if err := w.Finding(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.End(m); err != nil {
		t.Fatal(err)
	}
}

func TestCSV(t *testing.T) {
	var b bytes.Buffer
	written(t, NewCSV(&b), someFindings())
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []map[string]string
	for _, row := range rows[1:] {
		m := map[string]string{}
		for i, v := range row {
			if v != "" {
				m[rows[0][i]] = v
			}
		}
		got = append(got, m)
	}
	want := []map[string]string{
		{"type": "cause", "severity": "low", "file": "logs/app.log", "line": "7", "cause": "expired_token", "confidence": "0.925", "time": "2026-03-12T14:00:00Z",
			"source_ip": "192.0.2.7", "user": "'=HYPERLINK(1)", "path": "/a,b", "status": "401"},
		{"type": "cause", "file": "logs/app.log", "line": "8", "cause": "benign_challenge", "confidence": "0"},
		{"type": "spike", "severity": "critical", "kind": "brute_force", "source_ips": "192.0.2.7 192.0.2.8", "time": "2026-03-12T14:00:00Z", "end": "2026-03-12T14:00:00Z",
			"attempts": "9", "message": "9 tries"},
		{"type": "leak", "severity": "high", "file": "/var/log/a b.log", "line": "9", "column": "4", "kind": "jwt", "confidence": "1", "fingerprint": "00ff"},
		{"type": "note", "kind": "challenge_missing", "message": "no challenge", "file": "'-", "line": "3"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSARIF reads the log back as the parts of the schema that readers need:
// every result names a rule that is described, and places are relative or file URIs.
func TestSARIF(t *testing.T) {
	type sarifLog struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name  string
					Rules []struct {
						ID               string
						ShortDescription struct{ Text string }
					}
				}
			}
			Results []struct {
				RuleID, Level string
				Message       struct{ Text string }
				Locations     []struct {
					PhysicalLocation struct {
						ArtifactLocation struct{ URI string }
						Region           struct{ StartLine int }
					}
				}
				PartialFingerprints map[string]string
			}
		}
	}
	for _, findings := range [][]detectors.Finding{nil, someFindings()} {
		var b bytes.Buffer
		written(t, NewSARIF(&b, Options{}), findings)
		var log sarifLog
		if err := json.Unmarshal(b.Bytes(), &log); err != nil {
			t.Fatalf("%v: %s", err, b.Bytes())
		}
		if log.Version != "2.1.0" || len(log.Runs) != 1 || log.Runs[0].Tool.Driver.Name != "why401" || log.Runs[0].Results == nil {
			t.Fatalf("%s", b.Bytes())
		}
		if findings == nil {
			continue
		}
		run := log.Runs[0]
		described := map[string]bool{}
		for _, r := range run.Tool.Driver.Rules {
			described[r.ID] = r.ShortDescription.Text != ""
		}
		var got []string
		for _, r := range run.Results {
			if !described[r.RuleID] || r.Message.Text == "" {
				t.Errorf("%s is not described, or says nothing", r.RuleID)
			}
			line := r.Level + " " + r.RuleID
			for _, l := range r.Locations {
				line += " " + l.PhysicalLocation.ArtifactLocation.URI + strings.Repeat("!", l.PhysicalLocation.Region.StartLine)
			}
			got = append(got, line+" "+r.PartialFingerprints["why401/v1"])
		}
		want := []string{
			"warning cause/expired_token logs/app.log!!!!!!! ",
			"error spike/brute_force ",
			"error leak/jwt file:///var/log/a%20b.log!!!!!!!!! 00ff",
			"note note/challenge_missing ",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

var escaped = regexp.MustCompile(`\\[!-/:-@\[-\x60{-~]`)

// TestMarkdown looks whether a log can add markup to the report.
func TestMarkdown(t *testing.T) {
	none, err := rules.NewSet(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	evil := "](http://evil.example) <img src=x> **b** `c` | d # @team"
	for _, f := range []detectors.Finding{
		&detectors.CauseFinding{Cause: "expired_token", Path: evil, Method: evil},
		&detectors.LeakFinding{File: evil, Kind: evil, Location: evil, Fix: evil, Severity: detectors.High},
		&detectors.SpikeFinding{ID: "x", Kind: "brute_force", SourceNetworks: []string{evil}, Reason: evil, CompromisedUsers: []string{evil}},
		&detectors.Note{ID: evil, Message: evil},
	} {
		var b bytes.Buffer
		written(t, NewMarkdown(&b, Options{Rules: none}), []detectors.Finding{f, f})
		for _, bad := range []string{"](", "<img", "`c`", "**b**", "@team"} {
			if strings.Contains(escaped.ReplaceAllString(b.String(), ""), bad) {
				t.Errorf("%T: %q in\n%s", f, bad, b.String())
			}
		}
		columns := 0
		for line := range strings.Lines(b.String()) { // every row has as many cells as its header
			n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			if strings.HasPrefix(line, "|") && columns > 0 && n != columns && !strings.HasPrefix(line, "|-") {
				t.Errorf("%d cells, not %d: %s", n, columns, line)
			}
			if columns = n; !strings.HasPrefix(line, "|") {
				columns = 0
			}
		}
	}
}
