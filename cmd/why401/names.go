package main

import (
	"errors"

	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"why401/detectors/leak"
	"why401/internal/settings"
)

// names is the setting of that name: the user's own headers, cookies, parameters
// and keys that hold credentials, patterns of them, and values that are none.
type names struct{ own *leak.Own }

func (n *names) add(f *pflag.FlagSet) {
	f.Var(n, "names", "one's own names of headers, cookies, parameters and keys that hold credentials")
	_ = f.MarkHidden("names")
}

func (n *names) String() string   { return "" }
func (n *names) Type() string     { return "map" }
func (n *names) Set(string) error { return errors.New("names stand in a settings file") }

// SetTree implements settings.Tree. Values that are allowed hide findings: only a
// file that a person named may have them.
func (n *names) SetTree(top *yaml.Node, named bool) (err error) {
	if top.Kind != yaml.MappingNode {
		return settings.At(top, "lists are wanted, of headers, cookies, parameters, keys, patterns and allowed")
	}
	var all leak.Names
	lists := map[string]struct {
		to    *[]string
		check func(string) error
	}{
		"headers": {&all.Headers, leak.CheckName}, "cookies": {&all.Cookies, leak.CheckName},
		"parameters": {&all.Parameters, leak.CheckName}, "keys": {&all.Keys, leak.CheckName},
		"patterns": {&all.Patterns, leak.CheckPattern}, "allowed": {&all.Allowed, nil},
	}
	var errs []error
	for i := 0; i+1 < len(top.Content); i += 2 {
		key, value := top.Content[i], top.Content[i+1]
		list, ok := lists[key.Value]
		switch {
		case !ok:
			errs = append(errs, settings.At(key, "unknown key %q", key.Value))
		case key.Value == "allowed" && !named:
			errs = append(errs, settings.At(key, "allowed may not be set by a file that wasn't named with --config"))
		case value.Kind != yaml.SequenceNode:
			errs = append(errs, settings.At(value, "%s is a list", key.Value))
		default:
			for _, item := range value.Content {
				if item.Kind != yaml.ScalarNode || item.Value == "" {
					errs = append(errs, settings.At(item, "%s are words, one an entry", key.Value))
				} else if list.check != nil && list.check(item.Value) != nil {
					errs = append(errs, settings.At(item, "%s: %w", key.Value, list.check(item.Value)))
				}
				*list.to = append(*list.to, item.Value)
			}
		}
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if n.own, err = all.Compile(); err != nil {
		return settings.At(top, "%w", err)
	}
	return nil
}
