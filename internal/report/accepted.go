package report

import (
	"path/filepath"

	"github.com/bmatcuk/doublestar/v4"

	"why401/detectors"
)

// Accepted says which leaks a person has accepted: they are counted, and neither
// shown nor a reason to fail. Nothing in a log can add to it. The zero value
// accepts none.
type Accepted struct {
	Ignores []Ignore
	Known   *Baseline // nil for none

	// Record takes every leak that no Ignore covers; nil for none. What is recorded
	// is shown and doesn't fail: from now on it is known.
	Record *Baseline
}

// An Ignore covers the leaks of some files, or one credential, for a reason.
type Ignore struct {
	Path        string `yaml:"path"`        // a pattern with ** of the file as it is shown; "" for any
	Fingerprint string `yaml:"fingerprint"` // "" for any
	Reason      string `yaml:"reason"`
}

// String names what i covers.
func (i *Ignore) String() string {
	switch {
	case i.Path == "":
		return "fingerprint " + i.Fingerprint
	case i.Fingerprint == "":
		return i.Path
	}
	return i.Path + ", fingerprint " + i.Fingerprint
}

func (i *Ignore) covers(f *detectors.LeakFinding) bool {
	if i.Fingerprint != "" && i.Fingerprint != f.Fingerprint {
		return false
	}
	ok, err := doublestar.Match(i.Path, slashed(f.File))
	return i.Path == "" || ok && err == nil
}

// slashed is a path in the form that patterns and baselines have.
func slashed(file string) string { return filepath.ToSlash(filepath.Clean(file)) }

// LeftOut counts the leaks that were accepted.
type LeftOut struct {
	Known   int64 // from the baseline
	Ignored int64
	By      []IgnoreCount // those that covered any, in the order of the settings
}

// IgnoreCount is an Ignore and how many leaks it covered.
type IgnoreCount struct {
	Ignore *Ignore
	N      int64
}

// covers reports whether f is accepted, and counts it in out.
func (a *Accepted) covers(f *detectors.LeakFinding, out *LeftOut) bool {
	for i := range a.Ignores {
		if g := &a.Ignores[i]; g.covers(f) {
			out.Ignored++
			out.count(g)
			return true
		}
	}
	if a.Record != nil {
		a.Record.add(f)
		return false
	}
	if a.Known.has(f) {
		out.Known++
		return true
	}
	return false
}

func (o *LeftOut) count(g *Ignore) {
	for i := range o.By {
		if o.By[i].Ignore == g {
			o.By[i].N++
			return
		}
	}
	o.By = append(o.By, IgnoreCount{g, 1})
}

// String says how many leaks were left out, "" for none.
func (o *LeftOut) String() string {
	switch {
	case o.Known > 0 && o.Ignored > 0:
		return "Left out: " + plural(o.Known, "credential") + " that the baseline knows, " + Number(o.Ignored) + " ignored by the settings."
	case o.Known > 0:
		return "Left out: " + plural(o.Known, "credential") + " that the baseline knows."
	case o.Ignored > 0:
		return "Left out: " + plural(o.Ignored, "credential") + " ignored by the settings."
	}
	return ""
}
