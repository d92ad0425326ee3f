package rules

import "why401/parsers"

// A Set is rules compiled; it is safe for concurrent use.
type Set struct{}

// Builtin returns the rules that are compiled in.
func Builtin() *Set { return &Set{} }

// A Classifier names causes by a Set. It belongs to one goroutine.
type Classifier struct{ set *Set }

// NewClassifier returns a Classifier for set.
func NewClassifier(set *Set) *Classifier { return &Classifier{set} }

// Classify says whether r failed and why, from r alone; it sets every field of v.
// Where nothing failed, v.Cause is None. v.Evidence is not yet redacted.
func (c *Classifier) Classify(r *parsers.Record, v *Verdict) { *v = Verdict{} }
