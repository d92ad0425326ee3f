package leak

import (
	"strings"
	"testing"

	"why401/parsers"
)

func redacted(t *testing.T, text string) string {
	t.Helper()
	s := NewScanner()
	b := &parsers.Block{Source: &parsers.Source{}, Line: 1, Data: []byte(text)}
	return string(AppendRedacted(nil, b, s.Scan(b)))
}

// What a container's log driver cut in two goes wholly, and counts once.
func TestCredentialCutByALogDriver(t *testing.T) {
	first, rest := "qX7vT2mL9"+"sK4wN8pR3", "cB6dF1gH5"+"jY0zU2eA7"
	cri := "2026-05-11T10:00:02.1Z stderr P {\"authorization\":\"Bearer " + first + "\n" +
		"2026-05-11T10:00:02.2Z stderr F " + rest + "\",\"status\":401}\n"
	docker := `{"log":"authorization: Bearer ` + first + `","stream":"stdout","time":"2026-05-11T10:00:02.1Z"}` + "\n" +
		`{"log":"` + rest + ` status=401\n","stream":"stdout","time":"2026-05-11T10:00:02.2Z"}` + "\n"
	for name, text := range map[string]string{"cri": cri, "docker": docker} {
		want := strings.NewReplacer(first, "[REDACTED]", rest, "[REDACTED]").Replace(text)
		if got := redacted(t, text); got != want {
			t.Errorf("%s:\n%s, want\n%s", name, got, want)
		}
		s, primary := NewScanner(), 0
		for _, sp := range s.Scan(&parsers.Block{Source: &parsers.Source{}, Line: 1, Data: []byte(text)}) {
			if sp.Primary {
				primary++
			}
		}
		if primary != 1 {
			t.Errorf("%s: %d findings, want 1", name, primary)
		}
	}
	whole := strings.Replace(docker, `","stream`, `\n","stream`, 1)
	if got := redacted(t, whole); strings.Contains(got, first) || !strings.Contains(got, rest) {
		t.Errorf("a whole line spoils the next: %s", got)
	}
	other := "2026-05-11T10:00:02.1Z stderr P {\"authorization\":\"Bearer " + first + "\nplain text of another program\n"
	if got := redacted(t, other); !strings.Contains(got, "plain text of another program") {
		t.Errorf("a line of another program is changed: %s", got)
	}
}

// A bare password may hold signs that end other values.
func TestBarePasswordsWithSigns(t *testing.T) {
	pw := func(sign string) string { return "Tr4um" + sign + "fAnger7" }
	for _, sign := range []string{"&", ";", ",", ")", `"`, "|", "]"} {
		text := "login refused user=ada password=" + pw(sign) + " retry=no\n"
		want := "login refused user=ada password=[REDACTED] retry=no\n"
		if got := redacted(t, text); got != want {
			t.Errorf("%q: %q, want %q", sign, got, want)
		}
	}
	for text, want := range map[string]string{
		"user=ada,password=" + "Tr4umfAnger7" + ",role=x\n":             "user=ada,password=[REDACTED],role=x\n",
		"f(user=ada, password=" + "Tr4umfAnger7" + ") failed\n":         "f(user=ada, password=[REDACTED]) failed\n",
		`{"msg":"password=` + "Tr4umfAnger7" + `","status":401}` + "\n": `{"msg":"password=[REDACTED]","status":401}` + "\n",
	} {
		if got := redacted(t, text); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
