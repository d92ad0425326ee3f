package main

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // --timezone works on a machine without zone files too

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"why401/internal/report"
	"why401/parsers"
)

// A choice is a flag with few valid values.
type choice struct {
	value string
	valid []string
}

func (c *choice) String() string { return c.value }
func (c *choice) Type() string   { return "name" }
func (c *choice) Set(s string) error {
	if !slices.Contains(c.valid, s) {
		return fmt.Errorf("%q is not one of %s", s, list(c.valid))
	}
	c.value = s
	return nil
}

func list(names []string) string { return strings.Join(names, ", ") }

// complete makes shells offer the values.
func (c *choice) complete(cmd *cobra.Command, flag string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(c.valid, cobra.ShellCompDirectiveNoFileComp))
}

// A number is a flag that holds a number of at least min and at most max.
type number struct {
	n, min, max int
	set         bool
}

func (n *number) String() string { return strconv.Itoa(n.n) }
func (n *number) Type() string   { return "number" }
func (n *number) Set(s string) error {
	v, err := strconv.Atoi(s)
	if err != nil || v < n.min || v > n.max {
		if n.max == math.MaxInt {
			return fmt.Errorf("%q is not a number from %d", s, n.min)
		}
		return fmt.Errorf("%q is not a number from %d to %d", s, n.min, n.max)
	}
	n.n, n.set = v, true
	return nil
}

// A format is --log-format: a name, or a format string as the configuration of
// nginx, Apache, HAProxy or Envoy has it.
type format struct {
	choice
	parser *parsers.Parser   // nil to detect
	own    []*parsers.Parser // of the settings file
}

func (f *format) Set(s string) error {
	f.parser, f.value = nil, s
	if strings.ContainsAny(s, "$%") {
		var err error
		f.parser, err = parsers.Compile(s)
		return err
	}
	return nil
}

// find looks up the name. A flag is set before the settings file is read, where it
// may be defined.
func (f *format) find() error {
	if f.parser != nil || f.value == "" || f.value == "auto" {
		return nil
	}
	all := slices.Concat(f.own, parsers.All())
	i := slices.IndexFunc(all, func(p *parsers.Parser) bool { return p.Name == f.value })
	if i < 0 {
		return noLogFormat(f.value, all)
	}
	f.parser = all[i]
	return nil
}

// A moment is a flag that holds a point in time, or an age.
type moment struct{ text string }

func (m *moment) String() string { return m.text }
func (m *moment) Type() string   { return "time" }
func (m *moment) Set(s string) error {
	if _, _, ok := parseMoment(s, time.Time{}, time.UTC); !ok {
		return fmt.Errorf("%q is no time: write 2026-03-14, '2026-03-14 15:04', 2026-03-14T15:04:05Z, 15:04, or an age such as 2h or 3d", s)
	}
	m.text = s
	return nil
}

// at returns the first and the last instant that m may mean; zero if unset.
func (m *moment) at(now time.Time, zone *time.Location) (from, to time.Time) {
	if m.text != "" {
		from, to, _ = parseMoment(m.text, now, zone)
	}
	return from, to
}

func parseMoment(s string, now time.Time, zone *time.Location) (from, to time.Time, ok bool) {
	if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
		return t, t, true
	}
	for _, l := range []struct {
		layout string
		days   int
		length time.Duration
	}{{time.DateOnly, 1, 0}, {"2006-01-02 15:04", 0, time.Minute}, {"2006-01-02T15:04", 0, time.Minute},
		{time.DateTime, 0, time.Second}, {"2006-01-02T15:04:05", 0, time.Second}} {
		if t, err := time.ParseInLocation(l.layout, s, zone); err == nil {
			return t, t.AddDate(0, 0, l.days).Add(l.length - 1), true
		}
	}
	if t, err := time.ParseInLocation("15:04", s, zone); err == nil { // the last that has been
		at := now.In(zone)
		t = time.Date(at.Year(), at.Month(), at.Day(), t.Hour(), t.Minute(), 0, 0, zone)
		if t.After(now) {
			t = t.AddDate(0, 0, -1)
		}
		return t, t.Add(time.Minute - 1), true
	}
	if n, isDays := strings.CutSuffix(s, "d"); isDays {
		if days, err := strconv.ParseUint(n, 10, 16); err == nil {
			t := now.AddDate(0, 0, -int(days))
			return t, t, true
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d >= 0 {
		return now.Add(-d), now.Add(-d), true
	}
	return from, to, false
}

// A zone is a flag that holds a time zone.
type zone struct {
	text string
	loc  *time.Location
}

func (z *zone) String() string { return z.text }
func (z *zone) Type() string   { return "zone" }
func (z *zone) Set(s string) error {
	if t, err := time.Parse("-07:00", s); err == nil {
		_, offset := t.Zone()
		z.text, z.loc = s, time.FixedZone(s, offset)
		return nil
	}
	for _, name := range []string{"Local", "UTC"} {
		if strings.EqualFold(s, name) {
			s = name
		}
	}
	loc, err := time.LoadLocation(s)
	if err != nil || s == "" {
		return fmt.Errorf("%q is no time zone: write UTC, Local, Europe/Berlin or +02:00", s)
	}
	z.text, z.loc = s, loc
	return nil
}

// location is the zone, UTC if none was named.
func (z *zone) location() *time.Location {
	if z.loc == nil {
		return time.UTC
	}
	return z.loc
}

// level is --fail-on.
type level struct{ choice }

func newLevel(value string) level {
	valid := []string{"never"}
	for _, s := range report.Severities {
		valid = append(valid, string(s))
	}
	return level{choice{value: value, valid: valid}}
}

var (
	_ pflag.Value = (*choice)(nil)
	_ pflag.Value = (*number)(nil)
)
