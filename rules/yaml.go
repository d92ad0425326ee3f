package rules

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// The types below are a cause's file, as people write it. The least that a rule
// of one's own needs:
//
//	id: expired_token
//	rules:
//	  - id: voucher
//	    detection: [voucher ran dry]
//	    examples: ["gate 7: voucher ran dry"]
//
// A detection is a list of keywords, or fields of the event with modifiers, of
// which each must hold: contains, startswith, endswith, words, re, exists, and all.
// A list of values means any of them, lists in a list one of each; with near the
// values of one list must stand in one clause with whole words of the list before.
// Below "not" stands what must not hold. Texts are compared as text.go says; in them '*'
// stands for up to 40 bytes within a line. A value without blanks that has a
// capital or '_' is a name and must stand as written; in rules of tier code it
// must be no part of a longer one. $NAME stands for a list of words.yaml.

type causeFile struct {
	ID         string
	Title      string
	Meaning    string
	Shows      string
	Remedies   struct{ Client, Server, Proxy string }
	References []string
	Rules      []yaml.Node
}

type ruleFile struct {
	ID         string
	Tier       string
	Order      int
	Confidence float32
	Also       map[string]float32
	Signal     string
	Detection  yaml.Node
	Examples   []exampleFile
	Negatives  []exampleFile `yaml:"negative_examples"`
}

// exampleFile is a line alone, or a line and its format.
type exampleFile struct{ Format, Line string }

func (e *exampleFile) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		e.Line = n.Value
		return nil
	}
	type plain exampleFile
	return n.Decode((*plain)(e))
}

// Load returns the built-in rules with those of dir, or of one file, added: its
// *.yaml and *.yml. A rule with the name of a built-in one replaces it, and
// silences it if it has no detection. Errors name file and line, all of them.
func Load(dir string) (*Set, error) {
	infos, list, err := ReadDir(os.DirFS(dir), ".")
	if st, statErr := os.Stat(dir); statErr != nil {
		return nil, fmt.Errorf("cannot read rules: %w", statErr)
	} else if !st.IsDir() {
		var text []byte
		if text, err = os.ReadFile(dir); err == nil {
			infos, list, err = read(dir, text, builtinWords)
		}
	}
	if err != nil {
		return nil, err
	}
	if len(infos)+len(list) == 0 {
		return nil, fmt.Errorf("cannot read rules: no rules in %s: a file of rules ends in .yaml", dir)
	}
	all := slices.Clone(builtinInfos)
	for _, in := range infos {
		if in.Title != "" { // a file that only adds rules needs no texts
			all = append(all, in)
		}
	}
	return NewSet(all, append(slices.Clone(builtinRules[:]), list...))
}

// ReadDir reads the causes of a folder, in the order of the file names.
func ReadDir(fsys fs.FS, dir string) ([]Info, []Rule, error) {
	return readDir(fsys, dir, builtinWords)
}

func readDir(fsys fs.FS, dir string, words lists) ([]Info, []Rule, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, nil, fmt.Errorf("cannot read rules: %w", err)
	}
	var infos []Info
	var list []Rule
	var errs []error
	for _, e := range entries {
		if ext := path.Ext(e.Name()); e.IsDir() || ext != ".yaml" && ext != ".yml" {
			continue
		}
		text, err := fs.ReadFile(fsys, path.Join(dir, e.Name()))
		if err != nil {
			errs = append(errs, fmt.Errorf("cannot read rules: %w", err))
			continue
		}
		in, more, err := read(e.Name(), text, words)
		infos, list, errs = append(infos, in...), append(list, more...), append(errs, err)
	}
	return infos, list, errors.Join(errs...)
}

// lists are the lists of words that several rules share, by name.
type lists map[string][]string

// read reads one file.
func read(name string, text []byte, words lists) ([]Info, []Rule, error) {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	var f causeFile
	if err := dec.Decode(&f); err != nil && err != io.EOF {
		return nil, nil, fmt.Errorf("%s: %s", name, inYAML(strings.TrimPrefix(err.Error(), "yaml: ")))
	}
	cause, ok := ParseCause(f.ID)
	if !ok {
		return nil, nil, fmt.Errorf("%s: id %q is no cause", name, f.ID)
	}
	in := Info{cause, f.Title, strings.TrimSpace(f.Meaning), strings.TrimSpace(f.Shows), strings.TrimSpace(f.Remedies.Client),
		strings.TrimSpace(f.Remedies.Server), strings.TrimSpace(f.Remedies.Proxy), f.References}
	var list []Rule
	var errs []error
	for i := range f.Rules {
		r, err := readRule(cause, &f.Rules[i], words)
		r.Source = fmt.Sprintf("%s:%d", name, f.Rules[i].Line)
		if err == nil && slices.ContainsFunc(list, func(o Rule) bool { return o.ID == r.ID }) {
			err = fmt.Errorf("a second rule with id %q", r.ID)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", r.Source, err))
		}
		list = append(list, r)
	}
	return []Info{in}, list, errors.Join(errs...)
}

var tiers = map[string]Tier{"status": TierStatus, "word": TierWord, "exception": TierException, "code": TierCode}

func readRule(cause Cause, n *yaml.Node, words lists) (Rule, error) {
	var f ruleFile
	r := Rule{Cause: cause}
	if err := strict(n, &f); err != nil {
		return r, err
	}
	r.ID, r.Order, r.Confidence = f.ID, f.Order, f.Confidence
	switch {
	case r.ID == "":
		return r, errors.New("a rule needs an id")
	case r.Confidence < 0 || r.Confidence > 1:
		return r, errors.New("confidence is from 0 to 1")
	}
	var ok bool
	if r.Tier, ok = tiers[f.Tier]; !ok {
		if f.Tier != "" {
			return r, fmt.Errorf("tier is status, word, exception or code, not %q", f.Tier)
		}
		r.Tier = TierException // what a user writes is about a product's own words
	}
	for id, weight := range f.Also {
		c, ok := ParseCause(id)
		if !ok {
			return r, fmt.Errorf("also: %q is no cause", id)
		}
		r.Also = append(r.Also, Candidate{c, weight})
	}
	slices.SortFunc(r.Also, func(a, b Candidate) int {
		if a.Weight != b.Weight && a.Weight > b.Weight {
			return -1
		} else if a.Weight != b.Weight {
			return 1
		}
		return int(a.Cause) - int(b.Cause)
	})
	switch f.Signal {
	case "":
	case "restart":
		r.Signal = SignalRestart
	case "dependency":
		r.Signal = SignalDependency
	default:
		return r, fmt.Errorf("signal is restart or dependency, not %q", f.Signal)
	}
	var err error
	if r.Detection, err = words.readDetection(&f.Detection, false); err != nil {
		return r, err
	}
	if len(r.Detection) > 0 && len(f.Examples) == 0 {
		return r, errors.New("a rule needs an example")
	}
	for _, e := range f.Examples {
		r.Examples = append(r.Examples, Example(e))
	}
	for _, e := range f.Negatives {
		r.Negatives = append(r.Negatives, Example(e))
	}
	if err := check(&r); err != nil {
		return r, err
	}
	return r, nil
}

// check compiles the rule, and its expressions, to tell errors where they stand.
func check(r *Rule) error {
	for _, c := range r.Detection {
		if c.Op == Regexp {
			for _, v := range c.Values {
				if _, err := regexp.Compile(v); err != nil {
					return fmt.Errorf("%s: %w", c.Field, err)
				}
			}
		}
	}
	copied := *r
	_, err := compile(&copied)
	return err
}

// strict decodes n and refuses unknown keys.
func strict(n *yaml.Node, into any) error {
	var buf bytes.Buffer
	if err := yaml.NewEncoder(&buf).Encode(n); err != nil {
		return err
	}
	dec := yaml.NewDecoder(&buf)
	dec.KnownFields(true)
	err := dec.Decode(into)
	var te *yaml.TypeError
	if errors.As(err, &te) { // lines in it count from the rule's first
		for i, m := range te.Errors {
			if _, rest, ok := strings.Cut(m, ": "); ok {
				te.Errors[i] = rest
			}
		}
		return errors.New(inYAML(strings.Join(te.Errors, "; ")))
	}
	return err
}

var notFound = regexp.MustCompile(`field (\S+) not found in type [\w.]+`)

// inYAML takes Go's words out of an error of the decoder.
func inYAML(msg string) string {
	return notFound.ReplaceAllString(strings.TrimPrefix(msg, "unmarshal errors:\n  "), "unknown key $1")
}

var ops = map[string]Op{"contains": Contains, "startswith": StartsWith, "endswith": EndsWith, "words": Words, "re": Regexp, "exists": Exists}

// readDetection reads a Sigma-like selection: a list of keywords, or fields with
// modifiers; below "not" are conditions that must not hold, any of them.
func (words lists) readDetection(n *yaml.Node, not bool) ([]Condition, error) {
	switch n.Kind {
	case 0:
		return nil, nil
	case yaml.ScalarNode, yaml.SequenceNode:
		values, err := words.scalars(n)
		return []Condition{{Field: "keywords", Op: Contains, Not: not, Values: values}}, err
	case yaml.MappingNode:
	default:
		return nil, errors.New("detection is a list of keywords or fields with values")
	}
	var out []Condition
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i].Value, n.Content[i+1]
		if key == "not" && !not {
			inner, err := words.readDetection(value, true)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
			continue
		}
		c, near := Condition{Not: not}, false
		name, mods, _ := strings.Cut(key, "|")
		c.Field = name
		if name == "keywords" {
			c.Op = Contains
		}
		for mod := range strings.SplitSeq(mods, "|") {
			switch op, ok := ops[mod]; {
			case mod == "":
			case mod == "all":
				c.All = true
			case mod == "near":
				near, c.Op = true, Words
			case ok:
				c.Op = op
			default:
				return nil, fmt.Errorf("%s: unknown modifier %q", name, mod)
			}
		}
		lists := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode && len(value.Content) > 0 && value.Content[0].Kind == yaml.SequenceNode {
			lists = value.Content // lists in a list: one value of each must match
		}
		if near && (len(lists) < 2 || not) {
			return nil, fmt.Errorf("%s: near is between two lists", name)
		}
		for i, list := range lists {
			if near && i > 0 {
				c.Op, c.Near = Contains, true
			}
			var err error
			if c.Values, err = words.scalars(list); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// scalars returns the values of a list, or the one value.
func (words lists) scalars(n *yaml.Node) ([]string, error) {
	list := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		list = n.Content
	}
	var out []string
	for _, m := range list {
		if m.Kind != yaml.ScalarNode {
			return nil, errors.New("values are texts or numbers")
		}
		name, shared := strings.CutPrefix(m.Value, "$")
		values, ok := words[name]
		if !shared {
			values, ok = []string{m.Value}, true
		}
		if !ok {
			return nil, fmt.Errorf("no list of words is named %q", name)
		}
		for _, v := range values {
			for _, v := range [...]string{v, capitalized(v)} {
				if !slices.Contains(out, v) {
					out = append(out, v)
				}
			}
		}
	}
	return out, nil
}

// capitalized returns s as it begins a sentence if it begins with a small letter
// beyond ASCII, whose case squashing leaves as it is, else s.
func capitalized(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if r < utf8.RuneSelf || !unicode.IsLower(r) {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
