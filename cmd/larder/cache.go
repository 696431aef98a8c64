package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/internal/redact"
)

func newCache(io stdio) *cobra.Command {
	c := &cobra.Command{Use: "cache", Short: "Look into the cache, and clear it"}
	c.AddCommand(newCacheLs(io), newCacheShow(io), newCacheRm(io), newCacheStats(io), newCacheClear(io), newCacheGC(io))
	return c
}

// onCache makes a command that opens the cache, works on it, and closes it.
func onCache(use, short string, args cobra.PositionalArgs, work func(ctx context.Context, c *larder.Cache, p *place, args []string) error) *cobra.Command {
	p := &place{}
	c := &cobra.Command{Use: use, Short: short, Args: args, RunE: func(cmd *cobra.Command, args []string) error {
		c, err := p.open(cmd.Context())
		if err != nil {
			return err
		}
		return errors.Join(work(cmd.Context(), c, p, args), finish(cmd.Context(), c))
	}}
	p.flags(c)
	return c
}

func newCacheLs(io stdio) *cobra.Command {
	return onCache("ls [PATTERN]", "List the stored answers; * in PATTERN stands for any text", upToOne, func(ctx context.Context, c *larder.Cache, _ *place, args []string) error {
		f := larder.Filter{}
		if len(args) == 1 {
			f = filterOf(args[0])
			if !strings.Contains(args[0], "://") && !strings.Contains(args[0], "*") {
				f = larder.Filter{Glob: "*" + args[0] + "*"}
			}
		}
		entries, err := collect(ctx, c, f)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
		for _, e := range entries {
			fmt.Fprintf(w, "%d\t%s\t%d\t%s\t%s\t%s\n", e.StatusCode, orDash(e.Type), e.Length, e.Stored.Local().Format(time.DateTime), freshness(e), e.URL)
		}
		return w.Flush()
	})
}

func newCacheShow(io stdio) *cobra.Command {
	path := false
	c := onCache("show URL", "Show a stored answer as readable JSON, or where it lies", exactly(1, "a URL"), func(ctx context.Context, c *larder.Cache, _ *place, args []string) error {
		entries, err := collect(ctx, c, larder.Filter{URL: args[0]})
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return fail(exitNotCached, "cache show: not in the cache: %s", redact.RawURL(args[0]))
		}
		for _, e := range entries {
			if err := show(ctx, io.out, e, path); err != nil {
				return err
			}
		}
		return nil
	})
	c.Flags().BoolVar(&path, "path", false, "print where it lies: the file of a file store, else the location and the key")
	return c
}

func show(ctx context.Context, out io.Writer, e larder.Entry, path bool) error {
	if path {
		where, err := e.Where(ctx)
		if err == nil {
			_, err = fmt.Fprintln(out, where)
		}
		return err
	}
	rec, err := e.Record(ctx)
	if err != nil {
		return err
	}
	data, err := codec.JSON.Marshal(rec)
	if err == nil {
		_, err = out.Write(data)
	}
	return err
}

func newCacheRm(io stdio) *cobra.Command {
	return onCache("rm URL|PATTERN", "Remove stored answers; * in PATTERN stands for any text", exactly(1, "a URL or PATTERN"), func(ctx context.Context, c *larder.Cache, _ *place, args []string) error {
		if args[0] == "" {
			return fail(exitUsage, "cache rm: want a URL or PATTERN, got an empty text (cache clear removes all)")
		}
		n, err := c.Delete(ctx, filterOf(args[0]))
		if err != nil {
			return err
		}
		if n == 0 {
			return fail(exitNotCached, "cache rm: not in the cache: %s", redact.RawURL(args[0]))
		}
		fmt.Fprintf(io.out, "removed %d\n", n)
		return nil
	})
}

func newCacheClear(io stdio) *cobra.Command {
	return onCache("clear", "Remove all stored answers; sessions stay", exactly(0, "nothing"), func(ctx context.Context, c *larder.Cache, _ *place, _ []string) error {
		n, err := c.Delete(ctx, larder.Filter{})
		fmt.Fprintf(io.out, "removed %d\n", n)
		return err
	})
}

func newCacheGC(io stdio) *cobra.Command {
	return onCache("gc", "Remove what no request reaches any more; stored answers stay", exactly(0, "nothing"), func(ctx context.Context, c *larder.Cache, _ *place, _ []string) error {
		n, err := c.Sweep(ctx)
		fmt.Fprintf(io.out, "removed %d expired, %d unreachable, %d left-over chunks: %d bytes\n", n.Expired, n.Variants, n.Chunks, n.Bytes)
		if n.Young > 0 {
			fmt.Fprintf(io.out, "%d chunks of unfinished downloads are younger than an hour and stay\n", n.Young)
		}
		return err
	})
}

func newCacheStats(io stdio) *cobra.Command {
	return onCache("stats", "Count the stored answers", exactly(0, "nothing"), func(ctx context.Context, c *larder.Cache, p *place, _ []string) error {
		entries, err := collect(ctx, c, larder.Filter{})
		if err != nil {
			return err
		}
		var size int64
		fresh, hosts, states := 0, map[string]int{}, map[string]int{}
		for _, e := range entries {
			size += e.Size
			states[strconv.Itoa(e.StatusCode)]++
			if e.FreshUntil.After(time.Now()) {
				fresh++
			}
			if u, err := url.Parse(e.URL); err == nil {
				hosts[u.Host]++
			}
		}
		w := tabwriter.NewWriter(io.out, 0, 0, 2, ' ', 0)
		serializers, err := c.Serializers(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "location\t%s\nserializer\t%s\nanswers\t%d\nfresh\t%d\nbytes\t%d\n", p.location, strings.Join(serializers, ", before: "), len(entries), fresh, size)
		for _, counts := range []map[string]int{states, hosts} {
			for _, name := range sortedKeys(counts) {
				fmt.Fprintf(w, "  %s\t%d\n", name, counts[name])
			}
		}
		return w.Flush()
	})
}

// collect returns the entries sorted by URL and key.
func collect(ctx context.Context, c *larder.Cache, f larder.Filter) ([]larder.Entry, error) {
	var entries []larder.Entry
	for e, err := range c.Entries(ctx, f) {
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b larder.Entry) int {
		return strings.Compare(a.URL+"\n"+a.Key, b.URL+"\n"+b.Key)
	})
	return entries, nil
}

// filterOf takes an argument with a star for a pattern, any other for a URL.
func filterOf(arg string) larder.Filter {
	if strings.Contains(arg, "*") {
		return larder.Filter{Glob: arg}
	}
	return larder.Filter{URL: arg}
}

func upToOne(c *cobra.Command, args []string) error {
	if len(args) > 1 {
		return exactly(1, "at most one PATTERN")(c, args)
	}
	return nil
}

func freshness(e larder.Entry) string {
	if left := time.Until(e.FreshUntil); left > 0 {
		return "fresh " + round(left).Truncate(time.Second).String()
	}
	return "stale"
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
