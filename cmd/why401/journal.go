package main

import (
	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/follow"
	"why401/internal/settings"
)

// journal are the flags that name the system's journal as a log.
type journal struct {
	all   bool
	units []string
}

func (j *journal) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.BoolVar(&j.all, "journal", false, "read the system's journal too, by means of journalctl")
	f.StringSliceVar(&j.units, "unit", nil, "read what these `units` wrote to the journal")
	settings.ByHand(f, "journal")
	settings.ByHand(f, "unit")
}

// named returns the units to read, "" for the whole journal.
func (j *journal) named() []string {
	if len(j.units) == 0 && j.all {
		return []string{""}
	}
	return j.units
}

// open finds the logs that args and the flags name.
func (j *journal) open(a *app, args []string) []engine.Log {
	units := j.named()
	if len(units) == 0 {
		return a.open(args)
	}
	var logs []engine.Log
	if len(args) > 0 {
		logs = a.open(args)
	}
	return append(logs, follow.Journals(units)...)
}
