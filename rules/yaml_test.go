package rules

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"why401/parsers"
)

func writeRules(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "own.yaml"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

const ownRule = `id: expired_token
rules:
  - id: voucher
    detection: {event.reason|contains: "voucher ran dry"}
    examples: ["gate 7: voucher ran dry"]
`

func TestLoadAddsReplacesAndSilences(t *testing.T) {
	s, err := Load(writeRules(t, ownRule+"  - id: sentence\n"))
	if err != nil {
		t.Fatal(err)
	}
	if problems := s.Test(func(r *Rule) bool { return r.Source != "" }); len(problems) > 0 {
		t.Error(problems)
	}
	if _, ok := s.Rule("expired_token/sentence"); ok {
		t.Error("a rule without a detection wasn't silenced")
	}
	var v Verdict
	NewClassifier(s).Classify(&parsers.Record{Message: []byte("gate 7: voucher ran dry"), Status: 403}, &v)
	if v.Cause != ExpiredToken || v.Rule != "expired_token/voucher" || !strings.Contains(v.Evidence, "voucher ran dry") {
		t.Errorf("verdict %+v", v)
	}
	if in := s.Info(ExpiredToken); in.Title == "" {
		t.Error("a file without texts took the built-in ones away")
	}
}

func TestLoadTellsWhere(t *testing.T) {
	for text, want := range map[string]string{
		"id: no_such_cause\n": "own.yaml: id \"no_such_cause\" is no cause",
		"id: expired_token\nrules:\n  - id: a\n    detectoin: {event.reason: x}\n":                                         "own.yaml:3: unknown key detectoin",
		"id: expired_token\nrules:\n  - id: a\n    detection: {event.raison: xxxxx}\n    examples: [x]\n":                  "own.yaml:3: unknown field \"event.raison\"",
		"id: expired_token\nrules:\n\n  - id: a\n    detection: {event.reason|re: \"(\"}\n    examples: [x]\n":             "own.yaml:4: event.reason: error parsing regexp",
		"id: expired_token\nrules:\n  - id: a\n    detection: [token ran dry]\n":                                           "own.yaml:3: a rule needs an example",
		"id: expired_token\nrules:\n  - id: a\n    detection: {event.reason|nears: abcde}\n    examples: [x]\n":            "own.yaml:3: event.reason: unknown modifier \"nears\"",
		"id: expired_token\nrules:\n  - id: a\n    detection: {http.request.method: GET}\n    examples: [x]\n":             "needs keywords",
		"id: expired_token\nrules:\n  - id: a\n    tier: loud\n    detection: [token ran dry]\n    examples: [x]\n":        "own.yaml:3: tier is status, word, exception or code",
		"id: expired_token\nrules:\n  - id: a\n    detection: [token ran dry]\n    examples: [token ran dry]\n  - id: a\n": "own.yaml:6: a second rule with id \"a\"",
		"id: expired_token\ncolour: red\n": "own.yaml: ",
	} {
		_, err := Load(writeRules(t, text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n\tgot %v, want %q", text, err, want)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a missing folder is no error")
	}
}

func TestConditions(t *testing.T) {
	r := &parsers.Record{
		Message: []byte("JWT_is_expired for user 'kim'"), Status: 401, Method: []byte("POST"), Logger: []byte("gate.auth"),
		Attrs: []parsers.Attr{
			{Key: []byte("data"), Kind: parsers.Object, Parent: -1},
			{Key: []byte("type"), Value: []byte("fp"), Parent: 0},
			{Key: []byte("event.action"), Value: []byte("login"), Parent: -1},
		},
	}
	base := Condition{Field: "keywords", Op: Contains, Values: []string{"jwt is expired"}}
	for name, test := range map[string]struct {
		c    Condition
		want bool
	}{
		"equal status":      {Condition{Field: "http.response.status_code", Values: []string{"4xx"}}, true},
		"other status":      {Condition{Field: "http.response.status_code", Values: []string{"403"}}, false},
		"any case":          {Condition{Field: "http.request.method", Values: []string{"post"}}, true},
		"attribute":         {Condition{Field: "attr.data.type", Values: []string{"fp"}}, true},
		"end of a path":     {Condition{Field: "attr.type", Values: []string{"fp"}}, true},
		"flat key":          {Condition{Field: "attr.action", Values: []string{"login"}}, true},
		"part of a key":     {Condition{Field: "attr.ype", Values: []string{"fp"}}, false},
		"absent":            {Condition{Field: "user.name", Op: Exists, Values: []string{"false"}}, true},
		"starts":            {Condition{Field: "event.reason", Op: StartsWith, Values: []string{"jwt"}}, true},
		"ends, name masked": {Condition{Field: "event.reason", Op: EndsWith, Values: []string{"for user"}}, true},
		"gap":               {Condition{Field: "event.reason", Op: Contains, Values: []string{"jwt*user"}}, true},
		"all":               {Condition{Field: "event.reason", Op: Contains, All: true, Values: []string{"jwt", "user", "gone"}}, false},
		"not":               {Condition{Field: "event.reason", Op: Contains, Not: true, Values: []string{"revoked"}}, true},
		"word":              {Condition{Field: "event.reason", Op: Words, Values: []string{"expire"}}, false},
		"regexp":            {Condition{Field: "event.reason", Op: Regexp, Values: []string{`^jwt\w+`}}, true},
		"logger":            {Condition{Field: "log.logger", Op: Contains, Values: []string{"auth"}}, true},
	} {
		s, err := NewSet(nil, []Rule{{ID: "a", Cause: ExpiredToken, Tier: TierCode, Detection: []Condition{base, test.c}}})
		if err != nil {
			t.Fatal(err)
		}
		var v Verdict
		if NewClassifier(s).Classify(r, &v); (v.Cause == ExpiredToken) != test.want {
			t.Errorf("%s: %v, want %v", name, !test.want, test.want)
		}
	}
}
