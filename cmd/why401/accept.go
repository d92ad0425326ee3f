package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"why401/internal/report"
	"why401/internal/settings"
)

// accepting is what says which leaks a person has accepted: the setting ignores,
// and, where the command has them, --baseline and --write-baseline.
type accepting struct {
	ignores         ignores
	baseline, write string
}

// addIgnores adds the setting alone.
func (c *accepting) addIgnores(cmd *cobra.Command) {
	f := cmd.Flags()
	f.Var(&c.ignores, "ignores", "leaks that are accepted, with reasons")
	_ = f.MarkHidden("ignores")
	settings.ByHand(f, "ignores")
}

func (c *accepting) add(cmd *cobra.Command) {
	c.addIgnores(cmd)
	f := cmd.Flags()
	f.StringVar(&c.baseline, "baseline", "", "leave out the leaks that this `file` knows; needs the key that it was written with")
	f.StringVar(&c.write, "write-baseline", "", "write the leaks that were found to this `file`, for --baseline to know; they don't fail this run")
	settings.ByHand(f, "baseline")
	settings.ByHand(f, "write-baseline")
}

// load reads what is accepted; key is that of fingerprints, nil for none.
func (c *accepting) load(key []byte) (a report.Accepted, err error) {
	const needsKey = "name the key with --key-file or WHY401_KEY; make one: head -c 32 /dev/urandom | base64 > FILE"
	a.Ignores = c.ignores.list
	for i := range a.Ignores {
		if a.Ignores[i].Fingerprint != "" && key == nil {
			return a, hint(errors.New("ignoring by fingerprint needs the key of the fingerprints"), needsKey)
		}
	}
	if (c.baseline != "" || c.write != "") && key == nil {
		return a, hint(errors.New("a baseline needs a key"), needsKey)
	}
	if c.write != "" {
		a.Record = report.NewBaseline(key)
	}
	if c.baseline == "" {
		return a, nil
	}
	f, err := os.Open(c.baseline)
	if err != nil {
		return a, hint(fmt.Errorf("cannot read the baseline: %w", err), "write one: why401 check --key-file KEY --write-baseline FILE LOGS")
	}
	defer f.Close()
	if a.Known, err = report.ReadBaseline(f, key); err != nil {
		next := "write a new one with --write-baseline"
		if errors.Is(err, report.ErrBaselineKey) {
			next = "name that key, or " + next
		}
		return a, hint(fmt.Errorf("cannot use the baseline %s: %w", c.baseline, err), next)
	}
	return a, nil
}

// save writes what was recorded, whole or not at all.
func (c *accepting) save(a *app, b *report.Baseline) error {
	if b == nil {
		return nil
	}
	f, err := createFile(c.write)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	err = b.Write(&text)
	if err == nil {
		_, err = f.tmp.Write(text.Bytes())
	}
	if err := errors.Join(cannotWrite(c.write, err), f.close(err == nil)); err != nil {
		return err
	}
	a.tell("wrote %s to %s, which --baseline takes", count(b.Len(), "leak", "leaks"), c.write)
	return nil
}

// ignores is the setting of that name.
type ignores struct{ list []report.Ignore }

func (g *ignores) String() string { return "" }
func (g *ignores) Type() string   { return "list" }
func (g *ignores) Set(string) error {
	return errors.New("ignores stand in a settings file, with reasons")
}

// SetTree implements settings.Tree.
func (g *ignores) SetTree(n *yaml.Node, _ bool) error {
	var list []report.Ignore
	if err := settings.Decode(n, &list); err != nil {
		return err
	}
	var errs []error
	for i := range list {
		switch at, l := n.Content[i], &list[i]; {
		case strings.TrimSpace(l.Reason) == "":
			errs = append(errs, settings.At(at, "a reason is wanted, for those who read this later"))
		case l.Path == "" && l.Fingerprint == "":
			errs = append(errs, settings.At(at, "a path or a fingerprint is wanted"))
		case !doublestar.ValidatePattern(l.Path):
			errs = append(errs, settings.At(at, "path is no pattern; write it as logs/old/**"))
		case l.Fingerprint != "" && !isFingerprint(l.Fingerprint):
			errs = append(errs, settings.At(at, "fingerprint isn't one that why401 prints: 32 hexadecimal digits"))
		}
	}
	g.list = list
	return errors.Join(errs...)
}

func isFingerprint(s string) bool {
	return len(s) == 32 && strings.Trim(s, "0123456789abcdef") == ""
}
