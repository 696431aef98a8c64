package storetest_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/larder-go/larder/store"
	"github.com/larder-go/larder/store/storetest"
)

// plain is the shortest store that keeps the contract: no labels, no Close, nothing optional. That it passes shows that
// the suite asks for no more than the contract says.
type plain struct {
	mu    sync.Mutex
	items map[string]store.Item
	last  int
}

func (p *plain) Limits() store.Limits { return store.Limits{Value: 1 << 20, Lists: true} }

func (p *plain) begin(ctx context.Context, op, key string) (store.Item, bool, error) {
	err := store.CheckKey(key)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return store.Item{}, false, &store.Error{Op: op, Key: key, Err: err}
	}
	it, ok := p.items[key]
	return it, ok, nil
}

func (p *plain) Get(ctx context.Context, key string) (store.Item, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	it, ok, err := p.begin(ctx, "get", key)
	if err == nil && !ok {
		err = &store.Error{Op: "get", Key: key, Err: store.ErrNotFound}
	}
	return it, err
}

func (p *plain) Put(ctx context.Context, key string, it store.Item, was store.Version) (store.Version, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	old, _, err := p.begin(ctx, "put", key)
	if err != nil {
		return "", err
	}
	switch {
	case store.CheckItem(it) != nil:
		err = store.CheckItem(it)
	case len(it.Value) > p.Limits().Value:
		err = store.ErrTooLarge
	case was != store.Any && was != old.Version:
		err = store.ErrChanged
	}
	if err != nil {
		return "", &store.Error{Op: "put", Key: key, Err: err}
	}
	p.last++
	it.Key, it.Value, it.Label, it.Size = key, bytes.Clone(it.Value), nil, int64(len(it.Value))
	it.Version = store.Version(fmt.Sprint(p.last))
	it.Stored = time.Now()
	p.items[key] = it
	return it.Version, nil
}

func (p *plain) Delete(ctx context.Context, key string, was store.Version) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	old, ok, err := p.begin(ctx, "delete", key)
	if err == nil && ok && was != store.Any && was != old.Version {
		err = &store.Error{Op: "delete", Key: key, Err: store.ErrChanged}
	}
	if err == nil {
		delete(p.items, key)
	}
	return err
}

func (p *plain) List(ctx context.Context, prefix string) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		p.mu.Lock()
		var found []store.Item
		for key, it := range p.items {
			if strings.HasPrefix(key, prefix) {
				it.Value = nil
				found = append(found, it)
			}
		}
		p.mu.Unlock()
		if err := ctx.Err(); err != nil {
			yield(store.Item{}, &store.Error{Op: "list", Key: prefix, Err: err})
			return
		}
		for _, it := range found {
			if !yield(it, nil) {
				return
			}
		}
	}
}

func TestThePlainestStorePasses(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return &plain{items: make(map[string]store.Item)} })
}
