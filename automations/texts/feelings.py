"""What words of a support mailbox say about the mood of their writer: a lexicon made by hand.

Weights are on VADER's scale (Hutto and Gilbert 2014), -4 to 4. They follow the meaning of a word in a message to a
support team and were not fitted to any collection of texts: a word names the writer's own feeling, judges harshly, or
only reports. In place of VADER's entry stands ours; of the words in TECHNICAL none counts at all.
"""

from typing import Final

from automations.texts.word_lists import listed


def _table(*rows: tuple[float, str]) -> dict[str, float]:
    return {word: weight for weight, words in rows for word in words.split()}


WORDS: Final = _table(
    (
        -3.2,
        """
        hate hates hated hating despise loathe detest abhor horrible horribly horrid horrendous horrific awful
        terrible atrocious abysmal appalling appalled disgusting disgusted disgrace disgraceful outrageous outraged
        unacceptable ridiculous ridiculously pathetic nightmare nightmarish furious infuriating infuriated enraged
        livid fuming scam scammer scammers scammed scamming swindle swindlers thieves ripoff worthless crap crappy
        shit shitty bullshit bs wtf ffs fucking fuck fucked asshole idiot idiots idiotic moron morons stupid stupidity
        despicable insulting insulted insult miserable miserably sucks sucked incompetent incompetence shameful shame
        laughable terrified terrifying traumatic dreadful dreadfully devastated devastating diabolical shambles farce
        fiasco maddening excruciating excruciatingly hell worst hideous inexcusable unforgivable scandalous godawful
        gutted heartbroken negligent crook crooks dishonest liars liar screwed pissed
        """,
    ),
    (
        -2.4,
        """
        angry angrier anger angers mad annoy annoys annoying annoyed annoyance annoyingly irritate irritates
        irritating irritated irritatingly irritation frustrate frustrates frustrating frustrated frustration
        frustratingly disappoint disappoints disappointed disappointing disappointment disapointed dissapointed
        dissapointing upset upsetting unhappy dissatisfied displeased sad sadly saddens sadness depressing depressed
        painful painfully hurts ugly scary scares scared afraid scaring useless pointless clueless rude unprofessional
        unhelpful unresponsive careless misleading lied lying cheated deceived deceptive ignored rubbish garbage joke
        insane insanity absurd absurdly nonsense tedious nasty embarrassing embarrassed ashamed cringe cry crying
        cried sob ouch ugh argh aargh arghh arrgh grr grrr bummer sigh sheesh yuck ew meh damn dammit goddamn damned
        heck dread dreading regret regretting exhausted exhausting fuss unbelievable unreal unfair unsatisfactory
        unreliable inadequate inferior lousy sloppy shoddy stressed stressful desperate desperately hopeless baffled
        baffling bewildering letdown overpriced tears suck inept disrespectful disrespect atrociously bitter suffering
        complaining outrage disaster disastrous joking silly dumb dumbest lame stinks smh messed pissing
        """,
    ),
    (
        -1.4,
        """
        pain pains worried worries worrying worry concerned concerning confused confusing poor poorly bad badly worse
        slow weird sorry tired unsafe cumbersome clumsy awkward inconvenient inconvenience flawed struggling shocked
        shocking unhappily hurt doubtful distrust suspicious impatient bothered bothering bothers wasted wasting mess
        messy unusable unfriendly nervous uneasy lacking hassle headache
        """,
    ),
    (
        -0.6,
        "unfortunately unfortunatly unluckily regrettably difficult hard missing lost late delayed lack struggle wrong",
    ),
    (0.0, "hello hi dear kind regards sure yes ok okay like well want wants help helps"),
    (1.2, "please pls plz kindly welcome appreciated useful helpful helped works solved fixed resolved"),
    (2.0, "thanks thank thankyou thx cheers appreciate grateful glad happy nice good pleased smooth"),
    (
        3.0,
        """
        great awesome excellent fantastic amazing wonderful brilliant perfect perfectly love loved loving delighted
        superb outstanding fabulous kudos flawless impressed
        """,
    ),
)
"""Single words. The heaviest are anger and contempt, then displeasure, then what may be a mood or a mere report."""

PHRASES: Final = _table(
    (
        -3.2,
        """
        fed_up sick_of sick_and_tired had_enough enough_is_enough last_straw waste_of_time waste_of_money
        waste_of_my_time waste_of total_waste complete_waste rip_off ripped_off ripping_me_off a_joke is_a_joke
        money_back_now want_my_money_back never_again worst_ever thanks_for_nothing how_hard_can_it_be how_hard_is_it
        how_difficult_can_it_be do_your_job do_you_even are_you_kidding are_you_serious you_must_be_joking
        you_have_got_to_be_kidding kidding_me what_the_hell what_the_heck why_the_hell where_the_hell how_the_hell
        what_on_earth why_on_earth how_on_earth what_kind_of_company beyond_belief beyond_a_joke not_good_enough
        not_acceptable is_not_acceptable absolutely_not_ok out_of_patience lost_patience losing_patience
        running_out_of_patience losing_my_mind lost_all_trust lost_faith at_my_wit's_end wit's_end my_wits_end
        tearing_my_hair pulling_my_hair drives_me_crazy driving_me_crazy drives_me_mad driving_me_mad drives_me_nuts
        driving_me_nuts drive_me_crazy makes_me_sick cannot_stand can't_stand cant_stand taking_my_business_elsewhere
        take_our_business_elsewhere take_my_business_elsewhere switching_to_your_competitor moving_to_a_competitor
        moving_to_your_competitor what_am_i_paying_for what_are_we_paying_for what_do_i_pay_for what_do_we_pay_for
        getting_the_runaround slap_in_the_face piece_of_junk piece_of_garbage load_of_rubbish steer_clear
        avoid_this_company shame_on you_people good_luck_getting hold_you_responsible beggars_belief thanks_for_losing
        thanks_for_breaking thanks_for_ruining thanks_for_ignoring thanks_for_wasting thanks_for_deleting
        thanks_for_overcharging thank_you_for_nothing thanks_a_lot_for_nothing expected_better expect_better
        expected_more_from not_what_i_paid_for not_what_we_paid_for so_done_with totally_done_with
        absolutely_done_with lost_trust lost_confidence lost_our_trust lost_my_trust support_is_non_existent
        service_is_non_existent ruined_my ruined_our ruining_my ruining_our wasted_my wasted_our wasted_an wasted_a
        wasted_hours wasted_days wasting_my wasting_our waste_my waste_our waste_my_time treated_like
        never_been_treated treat_customers treat_people zero_stars one_star 1_star 0_stars never_ordering never_buying
        never_buy never_order stay_away won't_be_coming_back don't_waste_your shocking_service
        """,
    ),
    (
        -2.4,
        """
              no_one_ever nobody_ever don't_care doesn't_care do_not_care being_ignored you_ignore ignoring_me
              ignoring_us how_many_times how_many_more how_much_longer how_long_do_i_have_to third_time fourth_time
              fifth_time tenth_time sixth_time umpteenth_time nth_time time_and_again can_nobody does_nobody
              can_no_one does_no_one still_no_response still_no_reply still_no_answer still_nothing
              still_waiting_for_a_reply been_waiting_for_weeks been_waiting_for_days waiting_for_weeks
              waiting_for_days weeks_of_waiting days_of_waiting on_hold_for close_my_account_immediately
              refund_immediately legal_action take_you_to_court bad_experience bad_service poor_service poor_support
              terrible_service not_happy not_amused not_impressed not_pleased not_satisfied not_funny really_bad
              very_bad bad_idea makes_no_sense make_no_sense no_sense doesn't_make_any_sense get_it_together
              get_your_act_together keeps_happening keep_getting_worse going_in_circles going_round_in_circles
              round_in_circles passed_around let_down letting_us_down letting_me_down lets_us_down hard_to_believe
              hard_to_believe_that can't_believe cannot_believe cant_believe find_it_hard_to_believe
              can_you_believe_it give_up gave_up giving_up deal_breaker leaves_a_lot_to_be_desired pain_in_the
              at_a_loss feel_cheated feel_ripped feels_like_a_scam fix_this_now fix_it_now getting_old
              at_least_you_could could_have_warned never_works never_worked nothing_works does_not_care slow_clap
              bait_and_switch cost_us costing_us costs_us losing_money lose_money losing_customers lost_customers
              unable_to_work_for how_is_this_possible such_a_pain is_a_pain a_pain royal_pain world_of_pain real_pain
              major_pain huge_pain awfully_slow terribly_slow painfully_slow extremely_slow unbearably_slow
              horribly_slow ridiculously_slow read_my_message read_my_messages have_you_even did_you_even can't_even
              cannot_even not_worth isn't_worth isnt_worth not_what_i_ordered not_what_i_signed_up
              not_what_we_signed_up every_single_time every_single_day every_single_update every_single_release
              every_single_month repeat_myself repeating_myself my_patience more_than_patient last_time_i_order
              last_time_i_buy last_time_i_use last_time_we demand_an demand_a_refund demand_that demand_answers
              fix_it_already just_fix_it just_fix_this sort_it_out sort_this_out bad_review negative_review
              negative_feedback getting_worse gets_worse stop_charging stop_sending_me stop_emailing stop_calling_me
              stop_spamming impossible_to_reach impossible_to_get impossible_to_contact poor_quality very_poor
              really_poor extremely_poor what_a_mess such_a_mess total_mess complete_mess complete_chaos
              how_is_this_still why_is_this_still how_can_you how_can_this_take how_can_this_still anyone_even
              anybody_even even_reading even_listening even_trying even_care even_bother don't_bother had_it_with
              cut_and_paste_reply canned_reply canned_replies canned_response false_promises empty_promises
              broken_promises looking_elsewhere go_elsewhere another_vendor another_provider different_provider
              your_competitors the_runaround epic_fail hung_up_on no_help_at_all zero_help refuse_to_help
              refuses_to_help refused_to_help refuse_to_refund refuses_to_refund refused_to_refund
        """,
    ),
    (
        -1.2,
        """
        was_promised were_promised you_promised where_is_my where's_my where_are_my it's_been its_been was_told
        were_told should_not_happen shouldn't_happen over_and_over again_and_again yet_again still_haven't
        still_hasn't still_has_not still_have_not days_late weeks_late hours_late over_a_week over_a_month not_once
        still_not still_no still_broken still_waiting still_doesn't still_cannot still_can't no_reply no_response
        charge_back chargeback
        """,
    ),
    (
        -1.8,
        """
        cancel_my_account cancel_our_account cancel_our_contract complaint my_lawyer our_lawyer and_counting do_better
        """,
    ),
    (-1.4, "i'm_afraid im_afraid i_am_afraid am_afraid"),
    (0.8, "thanks_in_advance thank_you_in_advance many_thanks any_help would_be_great if_possible when_you_have_time"),
)
"""Several words that mean something together, joined here by an underscore."""

TECHNICAL: Final = listed(
    """
    abort aborted aborting aborts abuse abused abuses abusing access alarm alarms alert alerts argue argument
    arguments attack attacked attacker attackers attacking attacks avoid avoided avoiding avoids ban banned block
    blocked blocking blocks boring break breaking breaks broke broken bug buggy bugs burn cancel canceled cancelled
    cancelling cancels challenge challenging cheat cheating cheats collide collision conflict conflicting conflicts
    contradict corrupt corrupted corruption crash crashed crashes crashing critical critically cut damage damaged
    danger dangerous dangling dark dead deadlock deadlocks death debt defect defects defense delay delays delete
    demand deny denied denies deprecated destroy destroyed destroys destructor die died dies difficulties difficulty
    dirty disabled disabling disallow discard disconnect disconnected discourage disputed doubt drag drop dropped dump
    dumped dumps dying emergency empty enemy error errors escape evil exception exceptions exclude excluded exhausted
    expired exploit exploited exploiting fail failed failing fails failure failures false fatal fault faults faulty
    fake fight fire fired fires force forced forces forcing foul freeze freezes frozen funky fuzzy gap garbage guilty
    hack hacked hacker hackers hacking hacks hang harm harmful harmless harsh hid hide hiding hung ignore ignores
    illegal imperfect impose incompatible incorrect incorrectly inconsistent insecure insufficient intrusion invalid
    invalidate irregular irrelevant isolated isolation issue issues jeopardize kill killed killing kills killer lack
    leak leaked leaking leaks limitation limitations limited lose loses losing loss low malicious manipulate
    manipulated manipulating mandatory mess messes mine mislead mock mocks mocked mocking serious seriously easy
    easier rage dupe miss missed missing mistake mistakes misuse naive nag negative negatives nerves no nope obsolete
    obstacle odd offline orphan orphaned overkill overload overloaded override overwhelm panic penalty pending pirate
    poison poisoned pollute pressure prevent prevented prevents prison problem problematic problems prosecute protest
    punish question questioned questions race raise reject rejected rejecting rejects restrict restricted restriction
    restrictive revoke revoked risk risks risky ruin ruins scramble severe severed severity shoot shot shock sharp
    shortage shutdown sick sinister skeptic smash spam stall stalled starve starvation steal stealing steals stop
    stopped stopping stops strange strangely strike struggle stuck sucker suffer suffered suffers suspect suspected
    suspend suspended tense tension terminate terminated terminates terminating threat threaten threatens tough tragic
    trap trapped trick tricky trivial trouble troubles troubled trouble-free unable unaware unclear undesirable
    unexpected unresolved unstable unsupported unwanted useless-use vicious victim violate violated violates violating
    violation violations violent vulnerability vulnerable warn warned warning warnings warns war weak weaken weakness
    weird worst-case wrong wrongly zombie
    """
)
"""Words that report what software, a parcel or an invoice does. VADER hears anger or distress in many of them."""

TECHNICAL_PHRASES: Final = listed(
    """
    would_hate_to hate_to_bother hate_to_ask hate_to_say i_hate_to i_would_hate worst_case at_worst garbage_collection
    garbage_collector garbage_collected garbage_collect garbage_value garbage_values bad_request bad_gateway
    bad_credentials poor_man's dumb_terminal dirty_read brute_force dead_link dead_code dead_letter no_problem
    no_worries no_problems not_bad lost_and_found mad_libs silly_question stupid_question dumb_question crying_wolf
    slow_query slow_queries slow_log slow_motion scared_of_missing hell_of_a callback_hell dependency_hell dll_hell
    sorry_for_the_delay sorry_to_bother sorry_for_my_english sorry_for_bothering missing_or_invalid pain_point
    pain_points sad_path happy_path lying_around lie_around all_the_rage mad_dash mad_skills hard_drive hard_disk
    hard_code hard_coded hard_link hard_reset useless_use
    """
)
"""Expressions in which a word of WORDS says nothing of a mood."""

EMOJI: Final = (
    dict.fromkeys("😡🤬😠👿😤💩🖕🤮🤢", -3.0)
    | dict.fromkeys([":rage:", ":angry:", ":face_with_symbols_on_mouth:", ":middle_finger:"], -3.0)
    | dict.fromkeys("😞😢😭😩😫😒🙄😖😣☹🙁😕😔😟🤦😱💔🤡👎", -2.4)
    | dict.fromkeys([":cry:", ":sob:", ":disappointed:", ":facepalm:", ":face_palm:", ":unamused:", ":weary:"], -2.4)
    | dict.fromkeys([":face_with_rolling_eyes:", ":thumbsdown:", ":white_frowning_face:"], -2.4)
    | dict.fromkeys("😀😃😄😁😊🙂☺😍🥰😘❤💚💙👍🙏🎉🥳👏😎", 2.4)
    | dict.fromkeys([":smile:", ":slightly_smiling_face:", ":heart:", ":tada:", ":thumbsup:", ":pray:"], 2.4)
)
"""Emoji, and the names that Slack writes for them."""
