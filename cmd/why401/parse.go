package main

import (
	"github.com/spf13/cobra"

	"why401/internal/engine"
	"why401/internal/report"
	"why401/parsers"
)

func (a *app) parse() *cobra.Command {
	var r reading
	var c choosing
	cmd := &cobra.Command{
		Use:   "parse [FILE]...",
		Short: "Print what logs say as JSON lines, one an entry",
		Long: `Prints every entry of the logs as one JSON object, with the names of ECS,
whatever the format of the log, and without credentials.

` + inputHelp,
		Example: `  why401 parse access.log | jq -r '."@timestamp", .source.ip'
  why401 parse --status 401 --client 192.0.2.0/24 logs`,
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg := engine.Config{Mode: engine.Parse}
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
			logs := a.open(args)
			sink := newStream(a.out)
			stats, err := engine.Run(cmd.Context(), logs, cfg, sink)
			if err != nil {
				return cannotWrite("standard output", err)
			}
			a.readAll(cmd.Context(), stats)
			a.readable(stats)
			return nil
		},
	}
	r.add(cmd)
	c.add(cmd, false)
	return cmd
}

func fields(r *parsers.Record) *report.Fields {
	return &report.Fields{Client: string(r.Client), User: string(r.User), Path: string(r.Path), Status: int(r.Status)}
}
