package larder

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/larder-go/larder/internal/shelf"
	"github.com/larder-go/larder/record"
	"github.com/larder-go/larder/rfc9111"
	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/memstore"
)

// closeWait is how long Close waits for work in the background.
const closeWait = 5 * time.Second

// Cache answers HTTP requests from stored responses where RFC 9111 allows it, and passes the others on. It is an
// http.RoundTripper, safe for concurrent use, and never changes a request. Several Caches, in several processes, may use
// one store.
type Cache struct {
	backend record.Backend
	opts    Options
	plain   *through // the cache without an identity
	log     *faults
	owned   func() error // closes the store, where it is the cache's own
	policy  rfc9111.Policy
	stats   counters
	flights flights

	unchecked sync.Map      // of weak pointers to transports: whether they take any certificate
	tasks     chan struct{} // holds a token for each task in the background
	sweepAt   atomic.Int64  // when the next sweep is due, nanoseconds since 1970

	life context.Context // ends tasks that Close no longer waits for
	kill context.CancelFunc

	closed  atomic.Bool
	closing sync.Mutex // held to add to work, so that nothing is added once closed
	work    sync.WaitGroup
}

var _ http.RoundTripper = (*Cache)(nil)

// New returns a Cache that keeps responses in st, in larder's own layout. A nil st is a new store in memory. The store
// stays the caller's to close unless Options.CloseStore says otherwise; New does not touch it yet.
func New(st store.Store, o *Options) (*Cache, error) {
	opts := optionsOf(o)
	if err := checkOptions(&opts); err != nil {
		return nil, err
	}
	owns := opts.CloseStore
	if st == nil {
		st, owns = memstore.New(nil), true
	}
	var c *Cache
	b, err := shelf.New(st, shelf.Options{Codec: opts.Codec, Codecs: opts.Codecs, Keys: opts.Keys, Damaged: func(ctx context.Context, err error) {
		c.fault(ctx, "larder: a stored response cannot be read, it is fetched anew", err)
	}})
	if err != nil {
		return nil, err
	}
	c = newCache(b, opts)
	if closer, ok := st.(interface{ Close() error }); ok && owns {
		c.owned = closer.Close
	}
	return c, nil
}

// Over returns a Cache over another layout than larder's own. Options that say how larder's layout is written (Codec,
// Codecs, Keys, CloseStore) contradict that and are an error.
func Over(b record.Backend, o *Options) (*Cache, error) {
	opts := optionsOf(o)
	switch {
	case b == nil:
		return nil, errors.New("larder: over: no backend")
	case opts.Codec != nil || opts.Codecs != nil || opts.Keys != nil || opts.CloseStore:
		return nil, errors.New("larder: over: Codec, Codecs, Keys and CloseStore belong to larder's own layout; set them on the backend")
	}
	if err := checkOptions(&opts); err != nil {
		return nil, err
	}
	return newCache(b, opts), nil
}

func optionsOf(o *Options) Options {
	if o == nil {
		return Options{}
	}
	return *o
}

func newCache(b record.Backend, o Options) *Cache {
	if o.Transport == nil {
		o.Transport = defaultTransport()
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	c := &Cache{backend: b, opts: o, policy: rfc9111.Policy{Shared: o.Mode == Shared}, log: &faults{logger: o.Logger}, tasks: make(chan struct{}, maxTasks)}
	c.plain = c.Through(o.Transport, Identity{}).(*through)
	c.sweepAt.Store(time.Now().Add(firstSweep).UnixNano())
	c.life, c.kill = context.WithCancel(context.Background())
	return c
}

// RoundTrip implements http.RoundTripper.
func (c *Cache) RoundTrip(req *http.Request) (*http.Response, error) { return c.plain.RoundTrip(req) }

// Client returns an http.Client that uses the cache.
func (c *Cache) Client() *http.Client { return &http.Client{Transport: c} }

// Wrap returns a copy of client, which stays as it is, with the cache before its transport. A nil client is
// http.DefaultClient.
func (c *Cache) Wrap(client *http.Client) *http.Client {
	if client == nil {
		client = http.DefaultClient
	}
	wrapped := *client
	wrapped.Transport = c.Through(client.Transport, Identity{})
	return &wrapped
}

// Check says what stands in the way of using the cache: a store that does not answer, a manifest that names a
// serializer or key this program does not have. A cache for which Check fails passes every request on uncached.
func (c *Cache) Check(ctx context.Context) error {
	if ch, ok := c.backend.(interface{ Check(context.Context) error }); ok {
		return ch.Check(ctx)
	}
	return nil
}

// Serializers lists the serializers that entries may be written with, newest first: the first is used for new ones. It is
// empty for a backend that keeps no such list.
func (c *Cache) Serializers(ctx context.Context) ([]string, error) {
	if s, ok := c.backend.(interface {
		Serializers(context.Context) ([]string, error)
	}); ok {
		return s.Serializers(ctx)
	}
	return nil, nil
}

// Close waits up to five seconds for responses that are being stored and for work in the background, ends what is left of
// that, and closes the store if it is the cache's own. Requests afterwards pass uncached. Closing twice is no error.
func (c *Cache) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeWait)
	defer cancel()
	_, err := c.shutdown(ctx) // what was ended is fetched another time
	return err
}

// Shutdown is Close with a wait as long as ctx, whose error it returns, as it is, where something had to be ended and
// nothing else went wrong.
func (c *Cache) Shutdown(ctx context.Context) error {
	ended, err := c.shutdown(ctx)
	if err == nil {
		return ended
	}
	return errors.Join(ended, err)
}

// shutdown returns ctx's error where something had to be ended, and that of closing the store.
func (c *Cache) shutdown(ctx context.Context) (ended, err error) {
	c.closing.Lock()
	first := c.closed.CompareAndSwap(false, true)
	c.closing.Unlock()
	if !first {
		return nil, nil
	}
	done := make(chan struct{})
	go func() {
		c.work.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		ended = ctx.Err()
	}
	c.kill()
	if c.owned != nil {
		err = c.owned()
	}
	return ended, err
}

// begin counts a piece of work that Close waits for; false: the cache is closed.
func (c *Cache) begin() bool {
	c.closing.Lock()
	defer c.closing.Unlock()
	if c.closed.Load() {
		return false
	}
	c.work.Add(1)
	return true
}
