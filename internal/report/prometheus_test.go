package report

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"why401/detectors"
	"why401/rules"
)

var sample = regexp.MustCompile(`^(why401_[a-z_]+)(\{[a-z]+="[a-z_]+"\})? [0-9.]+$`)

// TestPrometheus reads the metrics back: each has help and type before it, none
// comes twice, and no label comes from a log.
func TestPrometheus(t *testing.T) {
	evil := "x\"} 1\nwhy401_evil 1"
	var b bytes.Buffer
	written(t, NewPrometheus(&b, Options{}), append(someFindings(),
		&detectors.SpikeFinding{ID: evil, Kind: evil}, &detectors.LeakFinding{Kind: evil, Severity: detectors.Severity(evil)},
		&detectors.CauseFinding{Cause: evil}))
	seen := map[string]bool{}
	typed := ""
	for line := range strings.Lines(b.String()) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "# TYPE "); ok {
			typed, _, _ = strings.Cut(name, " ")
		}
		if strings.HasPrefix(line, "# ") {
			continue
		}
		m := sample.FindStringSubmatch(line)
		if m == nil || m[1] != typed || seen[m[1]+m[2]] {
			t.Fatalf("%q after the type of %s", line, typed)
		}
		seen[m[1]+m[2]] = true
	}
	for _, want := range []string{
		`why401_failures{cause="expired_token"} 1`, `why401_failures{cause="clock_skew"} 0`, `why401_failures{cause="unknown"} 1`,
		`why401_benign_challenges 1`, `why401_spikes{kind="brute_force"} 1`, `why401_spike_attempts{kind="brute_force"} 9`,
		`why401_leaks{severity="high"} 1`, `why401_leaks{severity="low"} 0`, `why401_lines 9`,
	} {
		if !strings.Contains(b.String(), want+"\n") {
			t.Errorf("no %s in\n%s", want, b.String())
		}
	}
	if seen[`why401_failures{cause="benign_challenge"}`] || len(seen) > int(rules.NumCauses)+40 {
		t.Errorf("%d series", len(seen))
	}
}
