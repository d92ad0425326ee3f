package main

import (
	"errors"

	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/report"
	"why401/parsers"
)

func (a *app) parse() *cobra.Command {
	var r reading
	var c choosing
	var live following
	var format choice
	follow := false
	cmd := &cobra.Command{
		Use:   "parse [FILE]...",
		Short: "Print what logs say as JSON lines, one an entry",
		Long: `Prints every entry of the logs as one JSON object, with the names of ECS,
whatever the format of the log, and without credentials.

` + inputHelp,
		Example: `  why401 parse access.log | jq -r '."@timestamp", .source.ip'
  why401 parse --status 401 --client 192.0.2.0/24 logs
  why401 parse --follow --state /var/lib/why401 /var/log/app.log`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg := engine.Config{Mode: engine.Parse, Own: a.names.own}
			if err := fill(&r, &c, &cfg); err != nil {
				return err
			}
			if !c.filter.Empty() {
				cfg.Event = func(dst []byte, e *engine.Event) []byte {
					if !c.filter.MatchFields(fields(e.Record)) {
						return dst
					}
					return engine.AppendEvent(dst, e)
				}
			}
			if (live.state != "" || live.poll) && !follow {
				return hint(errors.New("--state and --poll go with --follow"), "add --follow, or leave them out")
			}
			if a.settled != nil {
				return a.settled(settled{cfg, &c.filter})
			}
			sink := newStream(a.out)
			if format.value == "json" {
				sink.document("events")
			}
			if follow {
				stats, err := live.run(cmd.Context(), a, args, false, cfg, sink)
				if err != nil {
					return err
				}
				a.readable(stats)
				return sink.end()
			}
			stats, err := engine.Run(cmd.Context(), live.log.open(a, args), cfg, sink)
			if err != nil {
				return cannotWrite("standard output", err)
			}
			a.assumed(stats, r.zone.location())
			a.readAll(cmd.Context(), stats)
			a.readable(stats)
			return sink.end()
		},
	}
	addFormat(cmd, &format, "jsonl", "json")
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on as lines are written, through rotation; starts at the beginning")
	live.add(cmd)
	r.add(cmd)
	c.add(cmd, false)
	return cmd
}

func fields(r *parsers.Record) *report.Fields {
	return &report.Fields{Client: string(r.Client), User: string(r.User), Path: string(r.Path), Status: int(r.Status)}
}
