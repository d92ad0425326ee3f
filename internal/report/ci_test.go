package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"why401/detectors"
	"why401/internal/engine"
)

// evil is what a log may put into names and texts to break out of a format.
const evil = "]]></failure>\"},{\"x\":\"\n::error::x\r\x00\x1b[31m\xff<b>&,:%"

func evilFindings() []detectors.Finding {
	return append(someFindings(),
		&detectors.LeakFinding{Type: "leak", File: evil, Line: 1, Column: 1, Kind: "jwt", Severity: detectors.Low, Fix: evil},
		&detectors.LeakFinding{Type: "leak", File: "-", Line: 1, Column: 9, Kind: "jwt", Severity: detectors.Medium},
		&detectors.SpikeFinding{Type: "spike", ID: "y", Kind: "brute_force", Severity: detectors.High, Reason: evil},
		&detectors.Note{Type: "note", ID: "assumed_zone", File: evil, Message: evil})
}

// TestSARIFSchema holds the log against the schema that OASIS published.
func TestSARIFSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("testdata/sarif-2.1.0.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, findings := range [][]detectors.Finding{nil, someFindings(), evilFindings()} {
		var b bytes.Buffer
		written(t, NewSARIF(&b, Options{}), findings)
		log, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(log); err != nil {
			t.Errorf("%d findings: %v", len(findings), err)
		}
	}
	bad, _ := jsonschema.UnmarshalJSON(strings.NewReader(`{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"x"}},"results":[{"message":{}}]}]}`))
	if schema.Validate(bad) == nil {
		t.Error("the schema takes a result without a message")
	}
}

// TestGitLab looks for the members that GitLab asks for, and for ids of their own.
func TestGitLab(t *testing.T) {
	type entry struct {
		Description string `json:"description"`
		CheckName   string `json:"check_name"`
		Fingerprint string `json:"fingerprint"`
		Severity    string `json:"severity"`
		Location    struct {
			Path  string
			Lines struct{ Begin int }
		}
	}
	read := func(findings []detectors.Finding) (list []entry) {
		var b bytes.Buffer
		written(t, NewGitLab(&b, Options{}), findings)
		if err := json.Unmarshal(b.Bytes(), &list); err != nil {
			t.Fatalf("%v: %s", err, b.Bytes())
		}
		return list
	}
	if list := read(nil); list == nil || len(list) != 0 {
		t.Errorf("%v, want an empty list", list)
	}
	same := &detectors.LeakFinding{Type: "leak", File: "a.log", Line: 1, Column: 1, Kind: "jwt", Severity: detectors.High, Fingerprint: "00ff"}
	seen := map[string]bool{}
	for _, e := range read(append(evilFindings(), same, same)) {
		if e.Description == "" || e.CheckName == "" || e.Location.Path == "" || e.Location.Lines.Begin < 1 || seen[e.Fingerprint] ||
			!strings.Contains(" info minor major critical blocker ", " "+e.Severity+" ") {
			t.Errorf("%+v", e)
		}
		seen[e.Fingerprint] = true
	}
	moved := *same
	moved.Line = 90
	if a, b := read([]detectors.Finding{same}), read([]detectors.Finding{&moved}); a[0].Fingerprint != b[0].Fingerprint {
		t.Error("a leak whose line moved is another one")
	}
}

// TestGitHub says that a log can't add a command of its own.
func TestGitHub(t *testing.T) {
	var b bytes.Buffer
	written(t, NewGitHub(&b, Options{}), evilFindings())
	for line := range strings.Lines(b.String()) {
		level, rest, ok := strings.Cut(strings.TrimPrefix(line, "::"), " title=why401 ")
		if !ok || level != "error" && level != "warning" && level != "notice" || !strings.Contains(rest, "::") || strings.ContainsAny(line, "\r\x00\x1b") {
			t.Errorf("%q", line)
		}
	}
	b.Reset()
	written(t, NewGitHub(&b, Options{Top: 1}), evilFindings())
	if n := strings.Count(b.String(), "\n"); n != 2 || !strings.Contains(b.String(), "findings more") {
		t.Errorf("%d lines: %s", n, b.String())
	}
}

// TestJUnit reads the XML back: a case a log, failed where --fail-on says so.
func TestJUnit(t *testing.T) {
	type junit struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Suite    struct {
			Cases []struct {
				Class   string `xml:"classname,attr"`
				Name    string `xml:"name,attr"`
				Failure *struct {
					Text string `xml:",chardata"`
				} `xml:"failure"`
				Error *struct{} `xml:"error"`
				Out   string    `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	for _, c := range []struct {
		fail   detectors.Severity
		failed string
	}{
		{"", ""},
		{detectors.Low, "why401.leaks/- why401.leaks//var/log/a b.log why401.leaks/evil why401.attacks/attacks why401.causes/refused requests "},
		{detectors.High, "why401.leaks//var/log/a b.log why401.attacks/attacks "},
	} {
		var b bytes.Buffer
		m := NewModel()
		m.Stats = &engine.Stats{Files: []engine.FileStats{{Name: "-"}, {Name: "/var/log/a b.log"}, {Name: "broken.gz", Err: errors.New(evil)}}}
		for _, f := range evilFindings() {
			m.Add(f)
		}
		if err := NewJUnit(&b, Options{Fail: c.fail}).End(m); err != nil {
			t.Fatal(err)
		}
		var got junit
		if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
			t.Fatalf("%v: %s", err, b.Bytes())
		}
		failed, failures, errs := "", 0, 0
		for _, tc := range got.Suite.Cases {
			if tc.Failure != nil {
				failures++
				failed += tc.Class + "/" + strings.Replace(tc.Name, Clean(evil), "evil", 1) + " "
			}
			if tc.Error != nil {
				errs++
			}
		}
		if failed != c.failed || got.Failures != failures || got.Errors != errs || errs != 1 || got.Tests != len(got.Suite.Cases) {
			t.Errorf("fail on %q: failed %q, want %q; %s", c.fail, failed, c.failed, b.Bytes())
		}
	}
}

// TestIssuesAreBounded says that a million leaks make no report of a million entries.
func TestIssuesAreBounded(t *testing.T) {
	m := NewModel()
	f := detectors.LeakFinding{Type: "leak", File: "a.log", Kind: "jwt", Severity: detectors.High}
	for i := range maxPlaces + 5 {
		f.Line = int64(i)
		m.Add(&f)
	}
	list := m.issues(ruleSet(Options{}))
	if last := list[len(list)-1]; len(list) != maxPlaces+1 || !strings.Contains(last.text, "and 5 credentials more") {
		t.Errorf("%d issues, the last: %s", len(list), fmt.Sprint(last))
	}
}
