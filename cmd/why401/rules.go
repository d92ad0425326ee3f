package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"why401/detectors/leak"
	"why401/internal/report"
	"why401/rules"
)

func (a *app) rules() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "List, show and test the rules that name causes",
		Long: `Rules say by which words, codes and statuses a cause is known. They are YAML
files, one a cause; --rules adds your own. A file of yours needs no more than

  id: bad_credentials          # the cause, as rules list has it
  rules:
    - id: gate                 # one that is built in is replaced
      tier: word               # code (the product's own) goes before
                               # exception before word before status
      confidence: 0.9
      detection:
        event.reason|contains: [gate stays shut]
      examples: ["WARN gate stays shut for kim"]
      negative_examples: ["INFO gate opened"]

detection names fields as parse prints them, or lists words to look for; a
field takes |contains, |startswith, |endswith, |words, |re and |exists, and not:
what must not hold. $expired, $missing, $wrong, $unknown and others stand for
lists of words that rules share. rules show prints a rule that is built in,
rules test tries the examples.`,
		Args: noCommand,

		SuggestionsMinimumDistance: 2,
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.rulesList(), a.rulesShow(), a.rulesTest(), a.rulesLint())
	return cmd
}

func (a *app) rulesList() *cobra.Command {
	var rf ruleFlag
	cmd := &cobra.Command{
		Use:       "list [CAUSE]...",
		Short:     "List causes, or the rules of some",
		ValidArgs: causeIDs(),
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := rf.load()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				tab := report.Table{Columns: []report.Column{{Name: "cause"}, {Name: "rules", Right: true}, {Name: "means", Fit: true}}}
				n := map[rules.Cause]int{}
				for _, r := range set.Rules() {
					n[r.Cause]++
				}
				for c := range rules.NumCauses {
					if c := rules.Cause(c); c != rules.None {
						tab.Row(c.String(), fmt.Sprint(n[c]), set.Info(c).Title)
					}
				}
				return tab.Write(a.out, a.style(a.out), "")
			}
			tab := report.Table{Columns: []report.Column{{Name: "rule"}, {Name: "confidence", Right: true}, {Name: "looks for", Fit: true}}}
			for _, id := range args {
				cause, ok := rules.ParseCause(id)
				if !ok {
					return noCause("", id)
				}
				for _, r := range set.Rules() {
					if r.Cause == cause {
						tab.Row(r.Name(), fmt.Sprintf("%.2f", r.Confidence), looksFor(r))
					}
				}
			}
			return tab.Write(a.out, a.style(a.out), "")
		},
	}
	rf.add(cmd)
	return cmd
}

// looksFor is the first thing that a rule's detection asks for.
func looksFor(r *rules.Rule) string {
	for _, c := range r.Detection {
		if !c.Not && len(c.Values) > 0 {
			return c.Field + ": " + c.Values[0]
		}
	}
	return ""
}

func (a *app) rulesShow() *cobra.Command {
	var rf ruleFlag
	cmd := &cobra.Command{
		Use:     "show RULE",
		Short:   "Show one rule",
		Example: "  why401 rules show expired_token/words",
		Args:    oneRule,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			if set, err := rf.load(); err == nil && len(args) == 0 {
				for _, r := range set.Rules() {
					names = append(names, r.Name())
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			set, err := rf.load()
			if err != nil {
				return err
			}
			r, ok := set.Rule(args[0])
			if !ok && strings.HasSuffix(args[0], rules.Vote) {
				return hint(fmt.Errorf("%q is no rule", args[0]), "the words of all rules voted, because no rule holds; rules list CAUSE shows them")
			}
			if !ok {
				return hint(fmt.Errorf("no rule is named %q", args[0]), "why401 rules list CAUSE shows a cause's rules")
			}
			return writeRule(a.out, r)
		},
	}
	rf.add(cmd)
	return cmd
}

// writeRule prints r as it would stand in a cause's file.
func writeRule(w io.Writer, r *rules.Rule) error {
	type example struct {
		Format string `yaml:",omitempty"`
		Line   string
	}
	examples := func(list []rules.Example) (out []example) {
		for _, e := range list {
			out = append(out, example(e))
		}
		return out
	}
	rule := struct {
		ID         string
		Tier       string
		Order      int
		Confidence float32
		Also       map[string]float32 `yaml:",omitempty"`
		Detection  yaml.Node
		Examples   []example `yaml:",omitempty"`
		Negatives  []example `yaml:"negative_examples,omitempty"`
	}{ID: r.ID, Tier: r.Tier.String(), Order: r.Order, Confidence: r.Confidence,
		Examples: examples(r.Examples), Negatives: examples(r.Negatives)}
	for _, c := range r.Also {
		if rule.Also == nil {
			rule.Also = map[string]float32{}
		}
		rule.Also[c.Cause.String()] = c.Weight
	}
	var not yaml.Node
	not.Kind, rule.Detection.Kind = yaml.MappingNode, yaml.MappingNode
	for _, c := range r.Detection {
		var key, value yaml.Node
		key.SetString(conditionKey(&c))
		if err := value.Encode(c.Values); err != nil {
			return err
		}
		value.Style = yaml.FlowStyle
		if c.Not {
			not.Content = append(not.Content, &key, &value)
		} else {
			rule.Detection.Content = append(rule.Detection.Content, &key, &value)
		}
	}
	if len(not.Content) > 0 {
		key := new(yaml.Node)
		key.SetString("not")
		rule.Detection.Content = append(rule.Detection.Content, key, &not)
	}
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	return enc.Encode(map[string]any{"id": r.Cause.String(), "rules": []any{rule}})
}

// conditionKey is a detection's key: field and modifiers.
func conditionKey(c *rules.Condition) string {
	key := c.Field
	if m := [...]string{rules.Equals: "", rules.Contains: "|contains", rules.StartsWith: "|startswith", rules.EndsWith: "|endswith",
		rules.Words: "|words", rules.Regexp: "|re", rules.Exists: "|exists"}[c.Op]; m != "" {
		key += m
	}
	if c.All {
		key += "|all"
	}
	return key
}

func oneRule(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return hint(errors.New("name one rule"), "why401 rules list CAUSE shows a cause's rules")
	}
	return nil
}

func (a *app) rulesTest() *cobra.Command {
	return a.rulesProof("test", "Read the examples of all rules and tell which fail", func(set *rules.Set, own bool) []rules.Problem {
		return set.Test(ownRules(own))
	})
}

func (a *app) rulesLint() *cobra.Command {
	return a.rulesProof("lint", "Tell what is doubtful about rules", func(set *rules.Set, _ bool) []rules.Problem { return set.Lint() })
}

// ownRules keeps the rules that were read from files, or all.
func ownRules(own bool) func(*rules.Rule) bool {
	if !own {
		return nil
	}
	return func(r *rules.Rule) bool { return r.Source != "" }
}

func (a *app) rulesProof(name, short string, prove func(set *rules.Set, own bool) []rules.Problem) *cobra.Command {
	var rf ruleFlag
	cmd := &cobra.Command{
		Use:   name + " [FOLDER]",
		Short: short,
		Long:  short + ":\nthose of FOLDER or --rules, else the built-in ones; and the log formats of the\nsettings file.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				rf.dir = args[0]
			}
			set, err := rf.load()
			if err != nil {
				return err
			}
			own := rf.dir != ""
			n, keep := 0, ownRules(own)
			for _, r := range set.Rules() {
				if keep == nil || keep(r) {
					n++
				}
			}
			var out bytes.Buffer
			problems := prove(set, own)
			for _, p := range problems {
				if own && p.Source == "" {
					continue
				}
				where := p.Rule
				if p.Source != "" {
					where = p.Source + ": " + where
				}
				fmt.Fprintf(&out, "%s: %s\n", report.Clean(where), report.Clean(p.Message))
			}
			proved := count(n, "rule", "rules")
			if n := a.testFormats(&out); n > 0 {
				proved += " and " + count(n, "log format", "log formats")
			}
			if out.Len() > 0 {
				a.found()
			} else {
				fmt.Fprintf(&out, "%s, all fine\n", proved)
			}
			_, err = a.out.Write(leak.NewScanner().Redact(nil, out.Bytes()))
			return err
		},
	}
	rf.add(cmd)
	return cmd
}
