package rules

import (
	"math"
	"slices"
	"strings"

	"why401/parsers"
)

// Where no rule holds, and somebody was refused all the same, the words of all
// rules vote: a cause whose rules speak of a word, or of two in a row, more often
// than others do is likelier where a text has them. That is a guess, and says so.

// Vote ends the name that stands for a rule where the words have decided.
const Vote = "/vote"

// A ballot is how much a word speaks for a cause.
type ballot struct {
	cause  Cause
	weight float32
}

// votes holds the ballots of words and pairs of words, by their letters.
type votes map[uint64][]ballot

const (
	maxVoters = 64  // words of a text that are asked
	enough    = 5.5 // the least sum of weights that is worth saying
	plenty    = 9   // and where a rule has said that nobody knows
	guess     = 0.5 // confidence in it
	surer     = 0.6 // and in one that nothing comes near to
	ahead     = 3.5 // near is less than this behind
)

// silent words vote for nothing: those of every sentence, and of every request line.
var silent = func() map[uint64]bool {
	m := map[uint64]bool{}
	for _, w := range strings.Fields(`get head post put patch delete options http https
		the of is was in to for an and by with on at from that this has been be it its as are or your
		you we have had will were can`) {
		m[wordKey([]byte(w))] = true
	}
	return m
}()

// wordKey is the first five letters of a word, 0 if it holds anything else or is
// a single letter.
func wordKey(w []byte) (key uint64) {
	for i, b := range w {
		if b < 'a' || b > 'z' {
			return 0
		}
		if i < 5 {
			key = key<<5 | uint64(b-'a'+1)
		}
	}
	if len(w) < 2 {
		return 0
	}
	return key
}

// voters calls ask with the key of each word of text and of each two in a row.
func (h *hay) voters(in span, ask func(key uint64, at span)) {
	var before uint64
	for i, n := in.from, 0; i < in.to && n < maxVoters; {
		at := span{i, i + 1}
		for at.to < in.to && !h.edge[at.to] {
			at.to++
		}
		i = at.to
		key := wordKey(h.text[at.from:at.to])
		if key == 0 || silent[key] {
			continue
		}
		n++
		ask(key, at)
		if before != 0 {
			ask(before<<25|key, at)
		}
		before = key
	}
}

// count counts what the rules of a set say; it is done when first asked.
func (s *Set) count() votes {
	type said map[uint64]float64
	var causes [NumCauses]said
	total := 0.0
	var sums [NumCauses]float64
	all := said{}
	var o outline
	var h hay
	hear := func(c Cause, text string) {
		var seen []uint64
		text = strings.ReplaceAll(text, "*", " ")
		o.fill(&parsers.Record{Text: []byte(text)}, nil)
		h.fill(&o)
		h.voters(h.reason, func(key uint64, _ span) {
			if !slices.Contains(seen, key) {
				seen = append(seen, key)
				causes[c][key]++
				all[key]++
				sums[c]++
				total++
			}
		})
	}
	for _, r := range s.rules {
		if r.Cause <= Unknown || r.Cause == BenignChallenge || r.Cause == ProxyStrippedHeader || r.Cause == OriginDenied || r.Tier == TierStatus {
			continue
		}
		if causes[r.Cause] == nil {
			causes[r.Cause] = said{}
		}
		for i := range r.conds {
			if c := &r.conds[i]; c.field <= lastText && !c.Not && c.Op != Regexp {
				for _, v := range c.Values {
					hear(r.Cause, v)
				}
			}
		}
		for _, e := range r.Examples {
			hear(r.Cause, e.Line)
		}
	}
	for c, in := range s.infos {
		if causes[c] != nil {
			hear(Cause(c), in.Title)
			hear(Cause(c), in.Meaning)
			hear(Cause(c), in.Shows)
		}
	}
	const few, bonus, most = 0.3, 0.7, 4
	out := votes{}
	for c := range causes {
		for key, n := range causes[c] {
			share := (n + few) / (sums[c] + few*float64(len(all)))
			weight := min(most, math.Log(share*total/all[key])) + bonus
			out[key] = append(out[key], ballot{Cause(c), float32(weight)})
		}
	}
	return out
}

// technical are causes whose words stand in many errors.
var technical = [NumCauses]bool{IDPUnreachable: true, ServerMisconfiguration: true, UnknownKey: true, MalformedHeader: true, AuthorizerFailure: true}

// vote lets the words of r decide; where their weights come to less than least, it
// leaves v as it is.
func (c *Classifier) vote(r *parsers.Record, v *Verdict, least float32) {
	var sums [NumCauses]float32
	var seen [2 * maxVoters]uint64
	n := 0
	var at span
	var best float32
	ballots := c.set.votes()
	c.hay.voters(c.hay.keywords(), func(key uint64, where span) {
		if slices.Contains(seen[:n], key) {
			return
		}
		seen[n] = key
		n++
		for _, b := range ballots[key] {
			if sums[b.cause] += b.weight; b.weight > best {
				best, at = b.weight, where
			}
		}
	})
	var first, second Cause
	for i, sum := range sums {
		switch {
		case technical[i]:
		case sum > sums[first]:
			first, second = Cause(i), first
		case sum > sums[second]:
			second = Cause(i)
		}
	}
	if sums[first] < least || c.supposed(r, at) {
		return
	}
	*v = Verdict{Cause: first, Confidence: guess, Tier: TierStatus, Rule: first.String() + Vote}
	c.at = at
	if sums[first]-sums[second] >= ahead {
		v.Confidence = surer
	}
	v.Candidates = []Candidate{{first, v.Confidence}, {second, v.Confidence / 2}}
}
