package rules

import (
	"strings"
	"testing"

	"why401/parsers"
)

// A trace names the rule that decides, once, and says of every other why not.
func TestTrace(t *testing.T) {
	c := NewClassifier(Builtin())
	for _, bench := range benchRecords {
		var v Verdict
		c.Classify(&bench.r, &v)
		won := ""
		for _, s := range c.Trace(&bench.r) {
			switch {
			case s.Won:
				if won != "" {
					t.Errorf("%s: %s and %s won", bench.name, won, s.Rule)
				}
				won = s.Rule
			case s.Lost == "":
				t.Errorf("%s: %s lost for no reason", bench.name, s.Rule)
			case won == "" && strings.HasPrefix(s.Lost, "holds"):
				t.Errorf("%s: %s holds, and no rule before it won", bench.name, s.Rule)
			}
		}
		if v.Rule != "" && won != v.Rule {
			t.Errorf("%s: the trace says %q, the verdict %q", bench.name, won, v.Rule)
		}
	}
	if got := c.Trace(&parsers.Record{Message: []byte("order packed")}); got != nil {
		t.Errorf("an ordinary entry called up %v", got)
	}
}
