// SPDX-License-Identifier: GPL-2.0
/* How many packets a second a server takes from the hook. */

#include <linux/ktime.h>
#include <linux/math64.h>

#include "hb.h"

/**
 * hb_rate_init() - make a bucket that lets everything pass
 * @rate: zeroed memory
 */
void hb_rate_init(struct hb_rate *rate)
{
	spin_lock_init(&rate->lock);
}

/**
 * hb_rate_set() - set the rate, with a full bucket
 * @rate: the bucket
 * @pps: packets a second; 0: any number
 * @burst: packets at once, at least 1 where @pps is not 0
 */
void hb_rate_set(struct hb_rate *rate, unsigned int pps, unsigned int burst)
{
	u64 cost = pps ? div_u64(NSEC_PER_SEC, pps) : 0;

	spin_lock_bh(&rate->lock);
	rate->last = ktime_get_ns();
	rate->cost = cost;
	rate->max = cost * burst;
	rate->credit = rate->max;
	spin_unlock_bh(&rate->lock);
}

static bool hb_rate_take_locked(struct hb_rate *rate)
{
	u64 now = ktime_get_ns();

	rate->credit = min(rate->credit + now - rate->last, rate->max);
	rate->last = now;
	if (rate->credit < rate->cost)
		return false;
	rate->credit -= rate->cost;
	return true;
}

/**
 * hb_rate_take() - ask whether a packet may pass
 * @rate: the bucket
 *
 * Return: whether it may.
 */
bool hb_rate_take(struct hb_rate *rate)
{
	bool pass;

	if (!READ_ONCE(rate->cost))
		return true;
	spin_lock_bh(&rate->lock);
	pass = hb_rate_take_locked(rate);
	spin_unlock_bh(&rate->lock);
	return pass;
}
