package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"why401/detectors/leak"
)

func (a *app) canary() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "canary",
		Short: "Make credentials for tests that show whether a system logs them",
		Long: `A canary is a bearer token, a password, an API key and a cookie that open
nothing. Send them to a system under test, then let "why401 check --canary" look
for any trace of them in its logs, whole or in part and in whatever encoding.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(a.canaryNew())
	return cmd
}

func (a *app) canaryNew() *cobra.Command {
	return &cobra.Command{
		Use:   "new",
		Short: "Write a new set as JSON",
		Example: `  why401 canary new > canary.json
  curl -H "Authorization: Bearer $(jq -r .bearer canary.json)" localhost:8080
  why401 check --canary canary.json app.log`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			set, err := leak.NewCanary(rand.Reader)
			if err != nil {
				return fmt.Errorf("cannot make a canary: %w", err)
			}
			e := json.NewEncoder(a.out)
			e.SetIndent("", "  ")
			return e.Encode(set)
		},
	}
}

// canaryFlag is --canary.
type canaryFlag struct{ file string }

func (c *canaryFlag) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&c.file, "canary", "", "find any trace of the credentials in this `file`, made by \"why401 canary new\"")
}

func (c *canaryFlag) load() (*leak.Finder, error) {
	if c.file == "" {
		return nil, nil
	}
	const next = "make one: why401 canary new > FILE"
	data, err := os.ReadFile(c.file)
	if err != nil {
		return nil, hint(fmt.Errorf("cannot read the canary: %w", err), next)
	}
	f, err := leak.ReadCanary(data)
	if err != nil {
		return nil, hint(fmt.Errorf("cannot read the canary of %q: %w", c.file, err), next)
	}
	return f, nil
}
