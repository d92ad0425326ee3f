package rules

import (
	"bytes"
	"os"
	"testing"
)

// TestExamples reads every example of the built-in rules: it must be won by its
// rule, and a negative one must not.
func TestExamples(t *testing.T) {
	s := Builtin()
	for _, p := range s.Test(nil) {
		t.Errorf("%s: %s\n\t%s", p.Rule, p.Message, p.Line)
	}
	for _, p := range s.Lint() {
		t.Errorf("%s: %s", p.Rule, p.Message)
	}
}

func TestGeneratedIsFresh(t *testing.T) {
	want, err := Generate(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range want {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, text) {
			t.Errorf("%s is stale: run go generate ./rules", name)
		}
	}
}

// TestCauses says that every cause has a file with all its texts.
func TestCauses(t *testing.T) {
	s := Builtin()
	for c := Unknown; int(c) < NumCauses; c++ {
		in := s.Info(c)
		if in.Title == "" || in.Meaning == "" || in.Shows == "" || in.Client == "" || in.Server == "" || in.Proxy == "" || len(in.References) == 0 {
			t.Errorf("%s: a text is missing", c)
		}
	}
}
