package rules

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"why401/parsers"
)

// alike returns line with other numbers.
func alike(line string, random *rand.Rand) string {
	var b strings.Builder
	for i := 0; i < len(line); {
		if classes[line[i]]&digit == 0 || random.IntN(4) == 0 {
			b.WriteByte(line[i])
			i++
			continue
		}
		for i < len(line) && classes[line[i]]&digit != 0 {
			i++
		}
		fmt.Fprint(&b, random.IntN([...]int{10, 1000, 100000}[random.IntN(3)]))
	}
	return b.String()
}

// each calls visit with the records of line.
func each(line string, visit func(*parsers.Record)) {
	b := parsers.Block{Source: &parsers.Source{Name: "-"}, Line: 1, Data: []byte(line + "\n")}
	parsers.NewReader(parsers.Options{}).Each(&b, visit)
}

// What is remembered of other entries with the same outline is what reading an
// entry anew says.
func TestMemo(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	c := NewClassifier(Builtin())
	for _, rule := range Builtin().rules {
		for _, e := range append(rule.Examples, rule.Negatives...) {
			for range 4 {
				line := alike(e.Line, random)
				each(line, func(r *parsers.Record) {
					var got, want Verdict
					c.Classify(r, &got)
					NewClassifier(Builtin()).Classify(r, &want)
					if !reflect.DeepEqual(got, want) {
						t.Errorf("remembered %+v\nwant %+v\n\t%s", got, want, line)
					}
				})
			}
		}
	}
}

// An entry whose sentence is known with other numbers costs no look at the rules and
// no memory; its evidence is its own.
func TestOutline(t *testing.T) {
	c := NewClassifier(Builtin())
	record := func(said, user string) *parsers.Record {
		return &parsers.Record{Status: 401, Level: []byte("warn"), Message: []byte(said), User: []byte(user)}
	}
	var v Verdict
	c.Classify(record("request 17 of kim7 from 192.0.2.4 refused: token 4f1c2d3e-77 expired 97 s ago", "kim7"), &v)
	known := record("request 4411 of u-902 from 198.51.100.77 refused: token 0a1b2c3d4e-5 expired 4 s ago", "u-902")
	c.memo.seen = nil // the index needs it
	if c.Classify(known, &v); v.Cause != ExpiredToken || !strings.Contains(v.Evidence, "0a1b2c3d4e-5 expired 4 s") {
		t.Errorf("%+v", v)
	}
	if n := testing.AllocsPerRun(100, func() { c.Classify(known, &v) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// Numbers that rules have stay, and what is no part of one; of a client's name
// nothing does.
func TestOutlines(t *testing.T) {
	var asked []pattern
	for _, s := range []string{"AADSTS50126", "IDX10503", "oauth2", "401", "16003", "code 7 of", "face value"} {
		asked = append(asked, newPattern(s, false))
	}
	n := newNumbers(asked)
	for line, want := range map[string]string{
		"AADSTS50126: no 4711 of 192.0.2.4":               "AADSTS50126: no # of #.#.#.#\n",
		"401 at 10.45.59, IDX10503 or 16003x":             "401 at #.#.#, IDX10503 or 16003x\n",
		"oauth2 and oauth77 for 2001:db8::7f at /a/b?c":   "oauth2 and oauth# for # at @\n",
		"codes 7, code 7 or code 7 0f, 40 1, 40 2":        "codes #, code 7 or code # #f, 40 1, # #\n",
		"face1234 fade1234, 0aaaaaaax 0aaaaaaa_ cafebabe": "face# #, #aaaaaaax #aaaaaaa_ cafebabe\n",
		"jti 1f0c9a22-aa01-4c4f-8f6a-0c1d2e3f4a5b, face":  "jti #, face\n",
		`user "4711" \t is\nnew`:                          "user@\"   is\nnew\n",
	} {
		var o outline
		o.fill(&parsers.Record{Message: []byte(line)}, n)
		got := strings.NewReplacer("\x00", "@", "\x01", "#").Replace(string(o.text[:o.ends[0]+1]))
		if got != want {
			t.Errorf("outline of %q is %q, want %q", line, got, want)
		}
	}
}

// The index finds the same in a text without the numbers that nobody asks for.
func TestNumbers(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	s := Builtin()
	var parts []string
	for _, r := range s.rules {
		for _, c := range r.conds {
			for _, p := range c.patterns {
				for _, part := range p.parts {
					if strings.ContainsAny(part, "0123456789") {
						parts = append(parts, part)
					}
				}
			}
		}
	}
	scan := func(said string, n *numbers) []uint64 {
		var o outline
		var h hay
		o.fill(&parsers.Record{Message: []byte(said)}, n)
		h.fill(&o)
		may := make([]uint64, s.patterns/64+1)
		s.index.scan(h.text, h.edge, may, make([]uint64, len(s.rules)/64+1), make([]uint64, len(s.index.first)/64+1))
		return may
	}
	glue := []string{"", " ", "-", " 7", "10 ", ": ", ".", " '", "_", `\t`, " /a/b ", "?q=1 ", "can't "}
	for range 20000 {
		said := ""
		for range 1 + random.IntN(3) {
			part := parts[random.IntN(len(parts))]
			if random.IntN(2) == 0 {
				part = alike(part, random)
			}
			cut := random.IntN(len(part) + 1)
			said += part[:cut] + glue[random.IntN(len(glue))] + part[cut:] + glue[random.IntN(len(glue))]
		}
		if hexadecimal(said) {
			continue // may hold a word by chance
		}
		if !slices.Equal(scan(said, s.numbers), scan(said, nil)) {
			t.Errorf("the index finds less in %q", said)
		}
	}
}

func hexadecimal(said string) bool {
	for i := range said {
		if (i == 0 || !isAlnum(said[i-1])) && hexEnd([]byte(said[i:])) > 0 {
			return true
		}
	}
	return false
}
