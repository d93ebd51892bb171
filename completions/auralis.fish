# fish completion of auralis. Rendered by `make completions` from the command tree; do not edit.

complete -c auralis -f

complete -c auralis -n __fish_use_subcommand -l color -x -a 'auto always never' -d 'Colour the output'
complete -c auralis -n __fish_use_subcommand -l version -d 'Show the version and exit'
complete -c auralis -n __fish_use_subcommand -s q -l quiet -d 'Print results and errors only'
complete -c auralis -n __fish_use_subcommand -s v -l verbose -d 'Say more about what was found and decided'
complete -c auralis -n __fish_use_subcommand -l progress -x -a 'auto always never json' -d 'Show progress on stderr'
complete -c auralis -n __fish_use_subcommand -s h -l help -d 'Show this help and exit'
complete -c auralis -n __fish_use_subcommand -a master -d 'Master a track: tone, dynamics, loudness, true peak'
complete -c auralis -n __fish_use_subcommand -a analyze -d 'Measure files: loudness, peaks, dynamics, stereo'
complete -c auralis -n __fish_use_subcommand -a verify -d 'Check finished files against a delivery target'
complete -c auralis -n __fish_use_subcommand -a doctor -d 'Test this installation'
complete -c auralis -n __fish_use_subcommand -a completion -d 'Print the completion script of a shell'

complete -c auralis -n '__fish_seen_subcommand_from master' -F
complete -c auralis -n '__fish_seen_subcommand_from master' -l preset -x -a 'adaptive gentle warm bright punchy live' -d 'Character'
complete -c auralis -n '__fish_seen_subcommand_from master' -l intensity -x -d 'How far every stage goes'
complete -c auralis -n '__fish_seen_subcommand_from master' -l loudness -x -d 'Integrated loudness to reach, -40 to -5, or off to leave the level alone'
complete -c auralis -n '__fish_seen_subcommand_from master' -l target -x -a 'streaming apple broadcast podcast loud' -d 'Deliver to'
complete -c auralis -n '__fish_seen_subcommand_from master' -l ceiling -x -d 'Highest true peak, -20 to 0'
complete -c auralis -n '__fish_seen_subcommand_from master' -l bits -x -a '16 24 32f' -d 'Store samples as 16, 24 or 32f (float, .wav only)'
complete -c auralis -n '__fish_seen_subcommand_from master' -l dither -x -a 'tpdf none' -d 'Dither before rounding'
complete -c auralis -n '__fish_seen_subcommand_from master' -l rate -x -d 'Convert to this sample rate first'
complete -c auralis -n '__fish_seen_subcommand_from master' -l report -r -F -d 'Write the result, as of --json, to FILE.json'
complete -c auralis -n '__fish_seen_subcommand_from master' -l explain -d 'Say in words why each stage acts as it does'
complete -c auralis -n '__fish_seen_subcommand_from master' -l force -d 'Replace an existing OUT'
complete -c auralis -n '__fish_seen_subcommand_from master' -s n -l dry-run -d 'Measure and plan, write nothing'
complete -c auralis -n '__fish_seen_subcommand_from master' -l json -d 'Print the result as one JSON document'
complete -c auralis -n '__fish_seen_subcommand_from master' -s q -l quiet -d 'Print results and errors only'
complete -c auralis -n '__fish_seen_subcommand_from master' -s v -l verbose -d 'Say more about what was found and decided'
complete -c auralis -n '__fish_seen_subcommand_from master' -l progress -x -a 'auto always never json' -d 'Show progress on stderr'
complete -c auralis -n '__fish_seen_subcommand_from master' -s h -l help -d 'Show this help and exit'

complete -c auralis -n '__fish_seen_subcommand_from analyze' -F
complete -c auralis -n '__fish_seen_subcommand_from analyze' -l json -d 'Print the result as one JSON document'
complete -c auralis -n '__fish_seen_subcommand_from analyze' -l jsonl -d 'Print one JSON object a line, as files are finished'
complete -c auralis -n '__fish_seen_subcommand_from analyze' -s q -l quiet -d 'Print results and errors only'
complete -c auralis -n '__fish_seen_subcommand_from analyze' -s v -l verbose -d 'Say more about what was found and decided'
complete -c auralis -n '__fish_seen_subcommand_from analyze' -l progress -x -a 'auto always never json' -d 'Show progress on stderr'
complete -c auralis -n '__fish_seen_subcommand_from analyze' -s h -l help -d 'Show this help and exit'

complete -c auralis -n '__fish_seen_subcommand_from verify' -F
complete -c auralis -n '__fish_seen_subcommand_from verify' -l target -x -a 'streaming apple broadcast podcast loud' -d 'What to check against'
complete -c auralis -n '__fish_seen_subcommand_from verify' -l json -d 'Print the result as one JSON document'
complete -c auralis -n '__fish_seen_subcommand_from verify' -l jsonl -d 'Print one JSON object a line, as files are finished'
complete -c auralis -n '__fish_seen_subcommand_from verify' -s q -l quiet -d 'Print results and errors only'
complete -c auralis -n '__fish_seen_subcommand_from verify' -s v -l verbose -d 'Say more about what was found and decided'
complete -c auralis -n '__fish_seen_subcommand_from verify' -l progress -x -a 'auto always never json' -d 'Show progress on stderr'
complete -c auralis -n '__fish_seen_subcommand_from verify' -s h -l help -d 'Show this help and exit'

complete -c auralis -n '__fish_seen_subcommand_from doctor' -l json -d 'Print the result as one JSON document'
complete -c auralis -n '__fish_seen_subcommand_from doctor' -s q -l quiet -d 'Print results and errors only'
complete -c auralis -n '__fish_seen_subcommand_from doctor' -s v -l verbose -d 'Say more about what was found and decided'
complete -c auralis -n '__fish_seen_subcommand_from doctor' -l progress -x -a 'auto always never json' -d 'Show progress on stderr'
complete -c auralis -n '__fish_seen_subcommand_from doctor' -s h -l help -d 'Show this help and exit'

complete -c auralis -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'
complete -c auralis -n '__fish_seen_subcommand_from completion' -s q -l quiet -d 'Print results and errors only'
complete -c auralis -n '__fish_seen_subcommand_from completion' -s v -l verbose -d 'Say more about what was found and decided'
complete -c auralis -n '__fish_seen_subcommand_from completion' -l progress -x -a 'auto always never json' -d 'Show progress on stderr'
complete -c auralis -n '__fish_seen_subcommand_from completion' -s h -l help -d 'Show this help and exit'
