package main

import (
	"context"
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

func newExplain(io stdio) *cobra.Command {
	g := &getter{name: "explain"}
	c := &cobra.Command{
		Use:     "explain URL",
		Short:   "Say what the cache would do with a request, and why; nothing is sent",
		Example: "  larder explain https://example.com/data.json\n  larder explain -H 'Cache-Control: no-cache' https://example.com/data.json",
		Args:    exactly(1, "one URL"),
		RunE:    func(c *cobra.Command, args []string) error { return g.explain(c.Context(), args[0], io) },
	}
	g.place.flags(c)
	g.requestFlags(c)
	return c
}

func (g *getter) explain(ctx context.Context, target string, stdio stdio) (err error) {
	req, err := g.request(ctx, target)
	if err != nil {
		return err
	}
	cache, err := g.place.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, finish(ctx, cache)) }()
	e, err := cache.Explain(req)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(stdio.out, 0, 0, 2, ' ', 0)
	for _, s := range e.Steps {
		section := ""
		if s.Section != "" {
			section = " (" + s.Section + ")"
		}
		fmt.Fprintf(w, "%s\t%s%s\n", s.About, s.Says, section)
	}
	return w.Flush()
}
