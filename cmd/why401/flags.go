package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/report"
	"why401/internal/settings"
	"why401/parsers"
	"why401/rules"
)

// reading are the flags that say how logs are read.
type reading struct {
	format       format
	since, until moment
	zone         zone
	trusted      []string
	servers      []string
}

func (r *reading) add(cmd *cobra.Command) {
	r.format.valid = []string{"auto"}
	for _, p := range parsers.All() {
		r.format.valid = append(r.format.valid, p.Name)
	}
	r.format.value = "auto"
	f := cmd.Flags()
	f.Var(&r.format, "log-format", "read every line in this format (why401 formats lists them), or in a server's own format string")
	r.format.complete(cmd, "log-format")
	f.StringArrayVar(&r.servers, "server-config", nil, "read log formats from this configuration `file` of nginx, Apache, HAProxy or Envoy")
	f.Var(&r.since, "since", "leave out what is older: 2026-03-14, '2026-03-14 15:04', RFC 3339, an age such as 2h or 3d, or 15:04 (the last that has been)")
	f.Var(&r.until, "until", "leave out what is newer; a date alone counts to its end")
	f.Var(&r.zone, "timezone", "time zone of stamps without one, and of the times in tables: Europe/Berlin, +02:00 or Local (default UTC)")
	f.StringSliceVar(&r.trusted, "trusted-proxy", nil, "believe these `proxies` (addresses or networks) about who the client is (X-Forwarded-For)")
}

// fill puts the flags into cfg.
func (r *reading) fill(cfg *engine.Config) (err error) {
	cfg.Parse.Zone = r.zone.loc
	if cfg.Parse.Trusted, err = prefixes("trusted-proxy", r.trusted); err != nil {
		return err
	}
	if err := r.format.find(); err != nil {
		return err
	}
	cfg.Parse.Format, cfg.Parse.Own = r.format.parser, r.format.own
	now := time.Now()
	cfg.Since, _ = r.since.at(now, r.zone.location())
	_, cfg.Until = r.until.at(now, r.zone.location())
	if !cfg.Since.IsZero() && !cfg.Until.IsZero() && cfg.Until.Before(cfg.Since) {
		return hint(errors.New("--until is before --since"), "exchange them")
	}
	return nil
}

// choosing are the flags that choose findings.
type choosing struct {
	causes, clients, users, paths, statuses []string
	filter                                  report.Filter
}

func (c *choosing) add(cmd *cobra.Command, causes bool) {
	f := cmd.Flags()
	if causes {
		f.StringSliceVar(&c.causes, "cause", nil, "only these `causes`")
		_ = cmd.RegisterFlagCompletionFunc("cause", cobra.FixedCompletions(causeIDs(), cobra.ShellCompDirectiveNoFileComp))
	}
	f.StringSliceVar(&c.clients, "client", nil, "only these `addresses` or networks, as 192.0.2.0/24")
	f.StringSliceVar(&c.users, "user", nil, "only these `users`")
	f.StringSliceVar(&c.paths, "path", nil, "only these `paths`; * is any part of a segment, ** any segments")
	f.StringSliceVar(&c.statuses, "status", nil, "only these `statuses`, as 401, 4xx or 400-403")
}

func causeIDs() []string {
	ids := make([]string, rules.NumCauses)
	for i := range ids {
		ids[i] = rules.Cause(i).String()
	}
	return ids
}

// fill reads the flags into the filter.
func (c *choosing) fill() error {
	for _, id := range c.causes {
		if _, ok := rules.ParseCause(id); !ok {
			return noCause("--cause: ", id)
		}
	}
	c.filter = report.Filter{Causes: c.causes, Users: c.users, Paths: c.paths}
	for _, s := range c.paths {
		if !validPattern(s) {
			return hint(fmt.Errorf("--path: %q is no pattern", s), "write it as /api/* or /api/**")
		}
	}
	var err error
	if c.filter.Clients, err = prefixes("client", c.clients); err != nil {
		return err
	}
	for _, s := range c.statuses {
		r, ok := report.ParseStatus(s)
		if !ok {
			return hint(fmt.Errorf("--status: %q is no status", s), "write it as 401, 4xx or 400-403")
		}
		c.filter.Status = append(c.filter.Status, r)
	}
	return nil
}

func prefixes(flag string, list []string) (out []netip.Prefix, err error) {
	for _, s := range list {
		p, ok := report.ParsePrefix(s)
		if !ok {
			return nil, hint(fmt.Errorf("--%s: %q is no address or network", flag, s), "write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32")
		}
		out = append(out, p)
	}
	return out, nil
}

// noCause is the error for a cause that doesn't exist.
func noCause(where, id string) error {
	return hint(fmt.Errorf("%s%q is no cause", where, id), didYouMean(strings.ReplaceAll(id, "-", "_"), causeIDs(), "why401 rules list shows the causes"))
}

// ruleFlag is --rules.
type ruleFlag struct{ dir string }

func (r *ruleFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&r.dir, "rules", "", "add the rules of this `folder` or file to the built-in ones")
	_ = cmd.MarkFlagDirname("rules")
}

func (r *ruleFlag) load() (*rules.Set, error) {
	if r.dir == "" {
		return rules.Builtin(), nil
	}
	set, err := rules.Load(r.dir)
	if pe := (*fs.PathError)(nil); errors.As(err, &pe) {
		return nil, hint(fmt.Errorf("cannot read rules %s: %w", pe.Path, pe.Err), "name a file of rules or a folder with some; why401 rules show prints one to start from")
	}
	return set, hint(err, "why401 rules list CAUSE and rules show RULE print rules to compare with")
}

// keyFlag is --key-file, the key of fingerprints.
type keyFlag struct{ file string }

func (k *keyFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&k.file, "key-file", "", "give leaks fingerprints, by HMAC under the key in this `file` (or in WHY401_KEY)")
}

func (k *keyFlag) load() ([]byte, error) {
	key := []byte(os.Getenv(settings.Variable("key")))
	if k.file != "" {
		var err error
		if key, err = os.ReadFile(k.file); err != nil {
			return nil, hint(fmt.Errorf("cannot read the key: %w", err), "make one: head -c 32 /dev/urandom > FILE")
		}
	} else if len(key) == 0 {
		return nil, nil
	}
	key = []byte(strings.TrimRight(string(key), "\r\n"))
	if len(key) < 16 {
		return nil, hint(errors.New("the key is shorter than 16 bytes"), "make one: head -c 32 /dev/urandom > FILE")
	}
	return key, nil
}

func validPattern(s string) bool { return s != "" && !slices.Contains([]byte(s), 0) && patternOK(s) }
