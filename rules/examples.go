package rules

import (
	"fmt"
	"strings"

	"why401/parsers"
)

// A Problem is something wrong with a rule: an example that it didn't win, or
// what Lint found.
type Problem struct {
	Rule    string // cause/id
	Source  string // file:line, of a user's rule
	Line    string // the example, if it is about one
	Message string
}

// Test reads the examples of every rule, or of those that keep says yes to, and
// returns those that another rule won.
func (s *Set) Test(keep func(*Rule) bool) []Problem {
	var out []Problem
	c := NewClassifier(s)
	c.all = true
	for _, r := range s.rules {
		if keep != nil && !keep(r.Rule) {
			continue
		}
		tell := func(e Example, format string, args ...any) {
			out = append(out, Problem{r.name, r.Source, e.Line, fmt.Sprintf(format, args...)})
		}
		for _, e := range r.Examples {
			won, err := c.winners(e)
			switch {
			case err != nil:
				tell(e, "%v", err)
			case !won[r.name]:
				tell(e, "example is won by %s", first(won))
			}
		}
		for _, e := range r.Negatives {
			won, err := c.winners(e)
			switch {
			case err != nil:
				tell(e, "%v", err)
			case won[r.name]:
				tell(e, "negative example is won")
			}
		}
	}
	return out
}

func first(won map[string]bool) string {
	for name := range won {
		return name
	}
	return "no rule"
}

// winners returns the names of the rules that decide the entries of an example.
func (c *Classifier) winners(e Example) (map[string]bool, error) {
	opt := parsers.Options{}
	if e.Format != "" {
		for _, p := range parsers.All() {
			if p.Name == e.Format {
				opt.Format = p
			}
		}
		if opt.Format == nil {
			return nil, fmt.Errorf("%w %q", parsers.ErrUnknownFormat, e.Format)
		}
	}
	won := map[string]bool{}
	b := parsers.Block{Source: &parsers.Source{Name: "-"}, Line: 1, Data: []byte(e.Line + "\n")}
	parsers.NewReader(opt).Each(&b, func(r *parsers.Record) {
		if rule := c.rule(r); rule != nil {
			won[rule.name] = true
		}
	})
	return won, nil
}

// Lint returns what is doubtful about rules that do compile.
func (s *Set) Lint() []Problem {
	var out []Problem
	for _, r := range s.rules {
		tell := func(format string, args ...any) {
			out = append(out, Problem{Rule: r.name, Source: r.Source, Message: fmt.Sprintf(format, args...)})
		}
		if len(r.Examples) == 0 {
			tell("has no example")
		}
		for i := range r.conds {
			for _, p := range r.conds[i].patterns {
				if whole := strings.Join(p.parts, ""); len(whole) < 3 && r.conds[i].Op == Contains && !r.conds[i].Not {
					tell("%q is in many texts", whole)
				}
			}
		}
		for _, also := range r.Also {
			if also.Weight > r.Confidence {
				tell("candidate %s is likelier than the cause", also.Cause)
			}
		}
	}
	return out
}
