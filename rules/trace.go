package rules

import (
	"math/bits"

	"why401/parsers"
)

// A Step is one rule that a record's words, status or keys called up, and what
// became of it.
type Step struct {
	Rule       string // its name, "cause/id"
	Tier       Tier
	Order      int
	Confidence float32
	Won        bool
	Lost       string // why it didn't decide; no word of the record
}

// Trace returns the rules that were asked about r in the order in which they
// stand, the one that decided among them. It is meant for people, one record at
// a time.
func (c *Classifier) Trace(r *parsers.Record) []Step {
	clear(c.hit)
	won := c.rule(r)
	var out []Step
	for w, word := range c.hit {
		for ; word != 0; word &= word - 1 {
			rule := c.set.rules[w*64+bits.TrailingZeros64(word)]
			s := Step{Rule: rule.name, Tier: rule.Tier, Order: rule.Order, Confidence: rule.Confidence, Won: rule == won}
			if !s.Won {
				s.Lost = c.lost(rule, won, r)
			}
			out = append(out, s)
		}
	}
	return out
}

// lost says why rule didn't decide r.
func (c *Classifier) lost(rule, won *rule, r *parsers.Record) string {
	for i := range rule.conds {
		cond := &rule.conds[i]
		if ok, _ := rule.meets(i, r, c.hay); ok {
			continue
		}
		if cond.Not {
			return cond.Field + " says what the rule leaves out"
		}
		return cond.Field + " doesn't match"
	}
	switch {
	case won == nil, rule.Tier == TierWord && rule.Cause != None && !c.failedOnce(r):
		return "nothing says that something failed"
	case rule.Tier != won.Tier:
		return "holds, but tier " + won.Tier.String() + " goes before tier " + rule.Tier.String()
	case rule.Order != won.Order:
		return "holds, but comes later in order"
	}
	return "holds, but is less sure"
}

// String returns the tier's name in rule files.
func (t Tier) String() string { return [...]string{"status", "word", "exception", "code"}[t] }
