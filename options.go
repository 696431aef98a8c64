package larder

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/larder-go/larder/codec"
)

// Options are the settings of a Cache. A nil *Options and the zero value are the defaults.
type Options struct {
	// Transport sends what the cache cannot answer. Nil: http.DefaultTransport. Credentials must be added above the
	// cache, not here: a response to a request whose credentials the cache did not see is not stored.
	Transport http.RoundTripper

	// Mode says whose cache this is. Private, the default: that of one program, which may keep what is meant for one user.
	// Shared: one that several users get answers from, as in a proxy.
	Mode Mode

	// Codec is the serializer for new entries: a codec or a pipeline. Nil: the newest that the cache's manifest lists, and
	// codec.Binary for a new cache. Older entries are read with the serializer that wrote them.
	Codec codec.Codec

	// Codecs builds the serializers that the manifest lists. Nil: codec.Std(). Package all has one with everything.
	Codecs *codec.Registry

	// Keys gives the keys of listed serializers that sign or encrypt. Nil: none.
	Keys codec.KeySource

	// CloseStore hands the store over: Close closes it too. False: the store stays the caller's.
	CloseStore bool

	// Disconnected says what happens where the origin gives no answer at all. Off: the caller gets the error, unless
	// stale-if-error allows a stale answer. Else a stale stored response is the answer, unless a directive forbids that
	// (RFC 9111 §4.2.4); Info.Stale and Cache-Status say so.
	Disconnected Switch

	// Rules give Terms to some URLs; the first that matches counts.
	Rules []Rule

	// Terms apply to every request, where neither the request nor a rule says otherwise.
	Terms Terms

	// Logger receives faults only: a store that fails, a manifest that cannot be read. Nil: slog.Default().
	Logger *slog.Logger
}

// Mode is the kind of a cache (RFC 9111 §1).
type Mode uint8

// The kinds of caches.
const (
	Private Mode = iota
	Shared
)

// checkOptions reports what no options may say.
func checkOptions(o *Options) error {
	if o.Mode > Shared {
		return fmt.Errorf("larder: Options.Mode: no such mode: %d", o.Mode)
	}
	if err := o.Terms.check(); err != nil {
		return fmt.Errorf("larder: Options.Terms: %w", err)
	}
	if o.Terms.Store == On {
		return errors.New("larder: Options.Terms: Store: On would store whatever any origin forbids: name the URLs in a Rule")
	}
	for i, r := range o.Rules {
		err := r.Terms.check()
		switch {
		case (r.URL == "") == (r.Regexp == nil):
			err = errors.New("want a URL pattern or a Regexp, and not both")
		case r.Regexp == nil && !strings.HasPrefix(r.URL, "*") && !strings.Contains(r.URL, "://"):
			err = fmt.Errorf("URL %q would match nothing: it names the whole URL, as in https://example.com/*, or begins with *", r.URL)
		case r.Regexp == nil && r.Terms.Store == On && (r.URL == "*" || r.URL == "*://*"):
			err = errors.New("every URL with Store: On would store whatever any origin forbids")
		}
		if err != nil {
			return fmt.Errorf("larder: Options.Rules[%d]: %w", i, err)
		}
	}
	return nil
}
