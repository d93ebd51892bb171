# bash completion of auralis. Rendered by `make completions` from the command tree; do not edit.

_auralis() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb="" choices="" i
    COMPREPLY=()
    # bash makes three words of --option=value
    if [[ $cur == "=" ]]; then
        cur=""
    elif [[ $prev == "=" ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --config|--library|--progress|--color|--log-file)
                [[ ${COMP_WORDS[i+1]} == "=" ]] && ((i++))
                ((i++)) ;;
            -*) ;;
            *)
                verb+=${verb:+/}${COMP_WORDS[i]}
                [[ $verb == @(presets|queue|playlist|prefs|plays|tag|art|scrobble|jobs|config|db) ]] && continue
                break ;;
        esac
    done
    case $verb:$prev in
        :--config)
            _auralis_files "$cur"
            return ;;
        :--library)
            _auralis_files "$cur"
            return ;;
        :--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        :--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        :--log-file)
            _auralis_files "$cur"
            return ;;
        master:--out-dir)
            _auralis_files "$cur"
            return ;;
        master:--to)
            COMPREPLY=($(compgen -W "wav flac aiff ogg opus m4a mp3" -- "$cur"))
            return ;;
        master:--bitrate)
            :
            return ;;
        master:--preset)
            COMPREPLY=($(compgen -W "adaptive gentle warm bright punchy live $(_auralis_own presets)" -- "$cur"))
            return ;;
        master:--intensity)
            :
            return ;;
        master:--tilt)
            :
            return ;;
        master:--width)
            :
            return ;;
        master:--mode)
            COMPREPLY=($(compgen -W "adaptive reference hybrid" -- "$cur"))
            return ;;
        master:--reference)
            _auralis_files "$cur"
            return ;;
        master:--loudness)
            COMPREPLY=($(compgen -W "off" -- "$cur"))
            return ;;
        master:--target)
            COMPREPLY=($(compgen -W "streaming apple broadcast podcast loud $(_auralis_own targets)" -- "$cur"))
            return ;;
        master:--ceiling)
            :
            return ;;
        master:--bits)
            COMPREPLY=($(compgen -W "16 24 32f" -- "$cur"))
            return ;;
        master:--dither)
            COMPREPLY=($(compgen -W "tpdf none" -- "$cur"))
            return ;;
        master:--rate)
            :
            return ;;
        master:--preview)
            :
            return ;;
        master:--report)
            _auralis_files "$cur"
            return ;;
        master:--files-from)
            _auralis_files "$cur"
            return ;;
        master:-j|master:--jobs)
            :
            return ;;
        master:--stall-timeout)
            :
            return ;;
        master:--executor)
            :
            return ;;
        master:--max-duration)
            :
            return ;;
        master:--max-size)
            :
            return ;;
        master:--raw)
            COMPREPLY=($(compgen -W "u8 s8 s16le s16be s24le s24be s32le s32be f32le f32be f64le f64be" -- "$cur"))
            return ;;
        master:--raw-rate)
            :
            return ;;
        master:--raw-channels)
            :
            return ;;
        master:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        master:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        master:--log-file)
            _auralis_files "$cur"
            return ;;
        scan:--relocate)
            :
            return ;;
        scan:-j|scan:--jobs)
            :
            return ;;
        scan:--stall-timeout)
            :
            return ;;
        scan:--ignore)
            :
            return ;;
        scan:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        scan:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        scan:--log-file)
            _auralis_files "$cur"
            return ;;
        list:--sort)
            :
            return ;;
        list:--limit)
            :
            return ;;
        list:--offset)
            :
            return ;;
        list:--from)
            :
            return ;;
        list:--to)
            :
            return ;;
        list:--songs)
            :
            return ;;
        list:-f|list:--format)
            :
            return ;;
        list:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        list:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        list:--log-file)
            _auralis_files "$cur"
            return ;;
        fingerprint:--export)
            _auralis_files "$cur"
            return ;;
        fingerprint:--import)
            _auralis_files "$cur"
            return ;;
        fingerprint:-j|fingerprint:--jobs)
            :
            return ;;
        fingerprint:--stall-timeout)
            :
            return ;;
        fingerprint:--executor)
            :
            return ;;
        fingerprint:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        fingerprint:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        fingerprint:--log-file)
            _auralis_files "$cur"
            return ;;
        analyze:--files-from)
            _auralis_files "$cur"
            return ;;
        analyze:-j|analyze:--jobs)
            :
            return ;;
        analyze:--stall-timeout)
            :
            return ;;
        analyze:--max-duration)
            :
            return ;;
        analyze:--max-size)
            :
            return ;;
        analyze:--raw)
            COMPREPLY=($(compgen -W "u8 s8 s16le s16be s24le s24be s32le s32be f32le f32be f64le f64be" -- "$cur"))
            return ;;
        analyze:--raw-rate)
            :
            return ;;
        analyze:--raw-channels)
            :
            return ;;
        analyze:--plot)
            _auralis_files "$cur"
            return ;;
        analyze:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        analyze:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        analyze:--log-file)
            _auralis_files "$cur"
            return ;;
        verify:--target)
            COMPREPLY=($(compgen -W "streaming apple broadcast podcast loud $(_auralis_own targets)" -- "$cur"))
            return ;;
        verify:--files-from)
            _auralis_files "$cur"
            return ;;
        verify:-j|verify:--jobs)
            :
            return ;;
        verify:--stall-timeout)
            :
            return ;;
        verify:--max-duration)
            :
            return ;;
        verify:--max-size)
            :
            return ;;
        verify:--raw)
            COMPREPLY=($(compgen -W "u8 s8 s16le s16be s24le s24be s32le s32be f32le f32be f64le f64be" -- "$cur"))
            return ;;
        verify:--raw-rate)
            :
            return ;;
        verify:--raw-channels)
            :
            return ;;
        verify:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        verify:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        verify:--log-file)
            _auralis_files "$cur"
            return ;;
        replaygain:--files-from)
            _auralis_files "$cur"
            return ;;
        replaygain:--album-by)
            COMPREPLY=($(compgen -W "tags folder" -- "$cur"))
            return ;;
        replaygain:--opus-tags)
            COMPREPLY=($(compgen -W "r128 rg both" -- "$cur"))
            return ;;
        replaygain:-j|replaygain:--jobs)
            :
            return ;;
        replaygain:--stall-timeout)
            :
            return ;;
        replaygain:--max-duration)
            :
            return ;;
        replaygain:--max-size)
            :
            return ;;
        replaygain:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        replaygain:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        replaygain:--log-file)
            _auralis_files "$cur"
            return ;;
        presets:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        presets:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        presets:--log-file)
            _auralis_files "$cur"
            return ;;
        presets/list:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        presets/list:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        presets/list:--log-file)
            _auralis_files "$cur"
            return ;;
        presets/show:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        presets/show:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        presets/show:--log-file)
            _auralis_files "$cur"
            return ;;
        presets/export:--to)
            _auralis_files "$cur"
            return ;;
        presets/export:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        presets/export:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        presets/export:--log-file)
            _auralis_files "$cur"
            return ;;
        presets/import:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        presets/import:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        presets/import:--log-file)
            _auralis_files "$cur"
            return ;;
        recommend:--files-from)
            _auralis_files "$cur"
            return ;;
        recommend:-j|recommend:--jobs)
            :
            return ;;
        recommend:--stall-timeout)
            :
            return ;;
        recommend:--max-duration)
            :
            return ;;
        recommend:--max-size)
            :
            return ;;
        recommend:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        recommend:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        recommend:--log-file)
            _auralis_files "$cur"
            return ;;
        play:--repeat)
            COMPREPLY=($(compgen -W "off all one" -- "$cur"))
            return ;;
        play:--preset)
            COMPREPLY=($(compgen -W "adaptive gentle warm bright punchy live $(_auralis_own presets)" -- "$cur"))
            return ;;
        play:--intensity)
            :
            return ;;
        play:--tilt)
            :
            return ;;
        play:--width)
            :
            return ;;
        play:--reference)
            _auralis_files "$cur"
            return ;;
        play:--volume)
            :
            return ;;
        play:--normalize)
            COMPREPLY=($(compgen -W "off track album smart" -- "$cur"))
            return ;;
        play:--crossfade)
            :
            return ;;
        play:--device)
            COMPREPLY=($(compgen -W "default" -- "$cur"))
            return ;;
        play:--latency)
            :
            return ;;
        play:--rate)
            :
            return ;;
        play:--output)
            _auralis_files "$cur"
            return ;;
        play:--bits)
            COMPREPLY=($(compgen -W "16 24 32f" -- "$cur"))
            return ;;
        play:--playlist)
            _auralis_offer playlists
            return ;;
        play:--files-from)
            _auralis_files "$cur"
            return ;;
        play:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        play:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        play:--log-file)
            _auralis_files "$cur"
            return ;;
        keys:--preset)
            COMPREPLY=($(compgen -W "auralis cmus ncmpcpp mpv vim" -- "$cur"))
            return ;;
        keys:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        keys:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        keys:--log-file)
            _auralis_files "$cur"
            return ;;
        ctl:--player)
            :
            return ;;
        ctl:-f|ctl:--format)
            :
            return ;;
        ctl:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        ctl:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        ctl:--log-file)
            _auralis_files "$cur"
            return ;;
        queue:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/show:-f|queue/show:--format)
            :
            return ;;
        queue/show:--player)
            :
            return ;;
        queue/show:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/show:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/show:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/add:--playlist)
            _auralis_offer playlists
            return ;;
        queue/add:--files-from)
            _auralis_files "$cur"
            return ;;
        queue/add:--at)
            :
            return ;;
        queue/add:--player)
            :
            return ;;
        queue/add:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/add:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/add:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/next:--playlist)
            _auralis_offer playlists
            return ;;
        queue/next:--files-from)
            _auralis_files "$cur"
            return ;;
        queue/next:--player)
            :
            return ;;
        queue/next:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/next:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/next:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/set:--playlist)
            _auralis_offer playlists
            return ;;
        queue/set:--files-from)
            _auralis_files "$cur"
            return ;;
        queue/set:--player)
            :
            return ;;
        queue/set:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/set:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/set:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/move:--player)
            :
            return ;;
        queue/move:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/move:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/move:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/remove:--player)
            :
            return ;;
        queue/remove:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/remove:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/remove:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/clear:--player)
            :
            return ;;
        queue/clear:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/clear:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/clear:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/jump:--player)
            :
            return ;;
        queue/jump:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/jump:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/jump:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/shuffle:--player)
            :
            return ;;
        queue/shuffle:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/shuffle:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/shuffle:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/unshuffle:--player)
            :
            return ;;
        queue/unshuffle:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/unshuffle:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/unshuffle:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/repeat:--player)
            :
            return ;;
        queue/repeat:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/repeat:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/repeat:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/undo:--player)
            :
            return ;;
        queue/undo:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/undo:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/undo:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/redo:--player)
            :
            return ;;
        queue/redo:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/redo:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/redo:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/history:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/history:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/history:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/save:--tag)
            :
            return ;;
        queue/save:--player)
            :
            return ;;
        queue/save:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/save:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/save:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/load:--player)
            :
            return ;;
        queue/load:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/load:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/load:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/templates:--tag)
            :
            return ;;
        queue/templates:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/templates:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/templates:--log-file)
            _auralis_files "$cur"
            return ;;
        queue/forget:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        queue/forget:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        queue/forget:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/create:--description)
            :
            return ;;
        playlist/create:--from)
            :
            return ;;
        playlist/create:--to)
            :
            return ;;
        playlist/create:--songs)
            :
            return ;;
        playlist/create:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/create:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/create:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/list:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/list:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/list:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/show:-f|playlist/show:--format)
            :
            return ;;
        playlist/show:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/show:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/show:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/add:--files-from)
            _auralis_files "$cur"
            return ;;
        playlist/add:--at)
            :
            return ;;
        playlist/add:--from)
            :
            return ;;
        playlist/add:--to)
            :
            return ;;
        playlist/add:--songs)
            :
            return ;;
        playlist/add:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/add:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/add:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/remove:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/remove:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/remove:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/move:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/move:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/move:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/rename:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/rename:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/rename:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/describe:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/describe:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/describe:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/delete:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/delete:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/delete:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/import:--name)
            :
            return ;;
        playlist/import:--format)
            COMPREPLY=($(compgen -W "m3u m3u8 pls xspf" -- "$cur"))
            return ;;
        playlist/import:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/import:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/import:--log-file)
            _auralis_files "$cur"
            return ;;
        playlist/export:--format)
            COMPREPLY=($(compgen -W "m3u m3u8 pls xspf" -- "$cur"))
            return ;;
        playlist/export:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        playlist/export:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        playlist/export:--log-file)
            _auralis_files "$cur"
            return ;;
        export:--to)
            _auralis_files "$cur"
            return ;;
        export:--format)
            COMPREPLY=($(compgen -W "copy wav flac aiff ogg opus m4a mp3" -- "$cur"))
            return ;;
        export:--bitrate)
            :
            return ;;
        export:--template)
            :
            return ;;
        export:--names)
            COMPREPLY=($(compgen -W "auto vfat posix" -- "$cur"))
            return ;;
        export:--playlist)
            _auralis_offer playlists
            return ;;
        export:--max-total)
            :
            return ;;
        export:--files-from)
            _auralis_files "$cur"
            return ;;
        export:-j|export:--jobs)
            :
            return ;;
        export:--stall-timeout)
            :
            return ;;
        export:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        export:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        export:--log-file)
            _auralis_files "$cur"
            return ;;
        rate:--files-from)
            _auralis_files "$cur"
            return ;;
        rate:--player)
            :
            return ;;
        rate:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        rate:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        rate:--log-file)
            _auralis_files "$cur"
            return ;;
        prefs:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        prefs:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        prefs:--log-file)
            _auralis_files "$cur"
            return ;;
        prefs/show:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        prefs/show:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        prefs/show:--log-file)
            _auralis_files "$cur"
            return ;;
        prefs/forget:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        prefs/forget:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        prefs/forget:--log-file)
            _auralis_files "$cur"
            return ;;
        prefs/export:--to)
            _auralis_files "$cur"
            return ;;
        prefs/export:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        prefs/export:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        prefs/export:--log-file)
            _auralis_files "$cur"
            return ;;
        prefs/import:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        prefs/import:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        prefs/import:--log-file)
            _auralis_files "$cur"
            return ;;
        plays:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        plays:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        plays:--log-file)
            _auralis_files "$cur"
            return ;;
        plays/import:--root)
            _auralis_files "$cur"
            return ;;
        plays/import:--scale)
            :
            return ;;
        plays/import:--only)
            COMPREPLY=($(compgen -W "ratings favourites counts" -- "$cur"))
            return ;;
        plays/import:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        plays/import:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        plays/import:--log-file)
            _auralis_files "$cur"
            return ;;
        plays/export:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        plays/export:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        plays/export:--log-file)
            _auralis_files "$cur"
            return ;;
        lyrics:--files-from)
            _auralis_files "$cur"
            return ;;
        lyrics:--from)
            COMPREPLY=($(compgen -W "file tags" -- "$cur"))
            return ;;
        lyrics:--player)
            :
            return ;;
        lyrics:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        lyrics:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        lyrics:--log-file)
            _auralis_files "$cur"
            return ;;
        tag:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        tag:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        tag:--log-file)
            _auralis_files "$cur"
            return ;;
        tag/show:--files-from)
            _auralis_files "$cur"
            return ;;
        tag/show:--fields)
            _auralis_offer tag-fields
            return ;;
        tag/show:-f|tag/show:--format)
            :
            return ;;
        tag/show:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        tag/show:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        tag/show:--log-file)
            _auralis_files "$cur"
            return ;;
        tag/set:--files-from)
            _auralis_files "$cur"
            return ;;
        tag/set:-j|tag/set:--jobs)
            :
            return ;;
        tag/set:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        tag/set:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        tag/set:--log-file)
            _auralis_files "$cur"
            return ;;
        tag/remove:--files-from)
            _auralis_files "$cur"
            return ;;
        tag/remove:-j|tag/remove:--jobs)
            :
            return ;;
        tag/remove:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        tag/remove:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        tag/remove:--log-file)
            _auralis_files "$cur"
            return ;;
        tag/copy:--fields)
            _auralis_offer tag-fields
            return ;;
        tag/copy:-j|tag/copy:--jobs)
            :
            return ;;
        tag/copy:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        tag/copy:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        tag/copy:--log-file)
            _auralis_files "$cur"
            return ;;
        tag/from-names:--files-from)
            _auralis_files "$cur"
            return ;;
        tag/from-names:-j|tag/from-names:--jobs)
            :
            return ;;
        tag/from-names:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        tag/from-names:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        tag/from-names:--log-file)
            _auralis_files "$cur"
            return ;;
        tag/rename-files:--files-from)
            _auralis_files "$cur"
            return ;;
        tag/rename-files:--to)
            _auralis_files "$cur"
            return ;;
        tag/rename-files:--names)
            COMPREPLY=($(compgen -W "vfat posix" -- "$cur"))
            return ;;
        tag/rename-files:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        tag/rename-files:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        tag/rename-files:--log-file)
            _auralis_files "$cur"
            return ;;
        tag/export:--files-from)
            _auralis_files "$cur"
            return ;;
        tag/export:--fields)
            _auralis_offer tag-fields
            return ;;
        tag/export:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        tag/export:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        tag/export:--log-file)
            _auralis_files "$cur"
            return ;;
        tag/import:-j|tag/import:--jobs)
            :
            return ;;
        tag/import:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        tag/import:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        tag/import:--log-file)
            _auralis_files "$cur"
            return ;;
        tag/fields:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        tag/fields:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        tag/fields:--log-file)
            _auralis_files "$cur"
            return ;;
        art:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        art:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        art:--log-file)
            _auralis_files "$cur"
            return ;;
        art/show:--files-from)
            _auralis_files "$cur"
            return ;;
        art/show:--kind)
            COMPREPLY=($(compgen -W "other icon other-icon front back leaflet media lead-artist artist conductor band composer lyricist location recording performance video fish illustration band-logo publisher-logo" -- "$cur"))
            return ;;
        art/show:--as)
            COMPREPLY=($(compgen -W "auto blocks kitty sixel" -- "$cur"))
            return ;;
        art/show:--columns)
            :
            return ;;
        art/show:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        art/show:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        art/show:--log-file)
            _auralis_files "$cur"
            return ;;
        art/find:--files-from)
            _auralis_files "$cur"
            return ;;
        art/find:--kind)
            COMPREPLY=($(compgen -W "other icon other-icon front back leaflet media lead-artist artist conductor band composer lyricist location recording performance video fish illustration band-logo publisher-logo" -- "$cur"))
            return ;;
        art/find:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        art/find:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        art/find:--log-file)
            _auralis_files "$cur"
            return ;;
        art/fetch:--files-from)
            _auralis_files "$cur"
            return ;;
        art/fetch:--size)
            COMPREPLY=($(compgen -W "250 500 1200 full" -- "$cur"))
            return ;;
        art/fetch:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        art/fetch:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        art/fetch:--log-file)
            _auralis_files "$cur"
            return ;;
        art/extract:--to)
            _auralis_files "$cur"
            return ;;
        art/extract:--name)
            :
            return ;;
        art/extract:--kind)
            COMPREPLY=($(compgen -W "other icon other-icon front back leaflet media lead-artist artist conductor band composer lyricist location recording performance video fish illustration band-logo publisher-logo" -- "$cur"))
            return ;;
        art/extract:--files-from)
            _auralis_files "$cur"
            return ;;
        art/extract:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        art/extract:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        art/extract:--log-file)
            _auralis_files "$cur"
            return ;;
        art/embed:--image)
            _auralis_files "$cur"
            return ;;
        art/embed:--kind)
            COMPREPLY=($(compgen -W "other icon other-icon front back leaflet media lead-artist artist conductor band composer lyricist location recording performance video fish illustration band-logo publisher-logo" -- "$cur"))
            return ;;
        art/embed:--description)
            :
            return ;;
        art/embed:--max-px)
            :
            return ;;
        art/embed:--files-from)
            _auralis_files "$cur"
            return ;;
        art/embed:-j|art/embed:--jobs)
            :
            return ;;
        art/embed:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        art/embed:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        art/embed:--log-file)
            _auralis_files "$cur"
            return ;;
        art/remove:--kind)
            COMPREPLY=($(compgen -W "other icon other-icon front back leaflet media lead-artist artist conductor band composer lyricist location recording performance video fish illustration band-logo publisher-logo" -- "$cur"))
            return ;;
        art/remove:--files-from)
            _auralis_files "$cur"
            return ;;
        art/remove:-j|art/remove:--jobs)
            :
            return ;;
        art/remove:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        art/remove:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        art/remove:--log-file)
            _auralis_files "$cur"
            return ;;
        stats:--top)
            :
            return ;;
        stats:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        stats:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        stats:--log-file)
            _auralis_files "$cur"
            return ;;
        similar:--limit)
            :
            return ;;
        similar:--weights)
            COMPREPLY=($(compgen -W "balanced equal tone rhythm dynamics" -- "$cur"))
            return ;;
        similar:--max-duration)
            :
            return ;;
        similar:--max-size)
            :
            return ;;
        similar:-f|similar:--format)
            :
            return ;;
        similar:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        similar:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        similar:--log-file)
            _auralis_files "$cur"
            return ;;
        suggest:--field)
            COMPREPLY=($(compgen -W "genre mood" -- "$cur"))
            return ;;
        suggest:--limit)
            :
            return ;;
        suggest:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        suggest:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        suggest:--log-file)
            _auralis_files "$cur"
            return ;;
        duplicates:--ignore)
            :
            return ;;
        duplicates:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        duplicates:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        duplicates:--log-file)
            _auralis_files "$cur"
            return ;;
        cleanup:--stall-timeout)
            :
            return ;;
        cleanup:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        cleanup:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        cleanup:--log-file)
            _auralis_files "$cur"
            return ;;
        scrobble:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        scrobble:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        scrobble:--log-file)
            _auralis_files "$cur"
            return ;;
        scrobble/status:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        scrobble/status:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        scrobble/status:--log-file)
            _auralis_files "$cur"
            return ;;
        scrobble/send:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        scrobble/send:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        scrobble/send:--log-file)
            _auralis_files "$cur"
            return ;;
        scrobble/clear:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        scrobble/clear:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        scrobble/clear:--log-file)
            _auralis_files "$cur"
            return ;;
        history:--limit)
            :
            return ;;
        history:--since)
            :
            return ;;
        history:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        history:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        history:--log-file)
            _auralis_files "$cur"
            return ;;
        undo:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        undo:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        undo:--log-file)
            _auralis_files "$cur"
            return ;;
        jobs:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        jobs:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        jobs:--log-file)
            _auralis_files "$cur"
            return ;;
        jobs/list:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        jobs/list:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        jobs/list:--log-file)
            _auralis_files "$cur"
            return ;;
        jobs/resume:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        jobs/resume:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        jobs/resume:--log-file)
            _auralis_files "$cur"
            return ;;
        jobs/forget:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        jobs/forget:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        jobs/forget:--log-file)
            _auralis_files "$cur"
            return ;;
        config:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        config:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        config:--log-file)
            _auralis_files "$cur"
            return ;;
        config/show:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        config/show:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        config/show:--log-file)
            _auralis_files "$cur"
            return ;;
        config/get:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        config/get:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        config/get:--log-file)
            _auralis_files "$cur"
            return ;;
        config/set:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        config/set:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        config/set:--log-file)
            _auralis_files "$cur"
            return ;;
        config/unset:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        config/unset:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        config/unset:--log-file)
            _auralis_files "$cur"
            return ;;
        config/path:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        config/path:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        config/path:--log-file)
            _auralis_files "$cur"
            return ;;
        config/edit:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        config/edit:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        config/edit:--log-file)
            _auralis_files "$cur"
            return ;;
        db:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        db:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        db:--log-file)
            _auralis_files "$cur"
            return ;;
        db/check:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        db/check:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        db/check:--log-file)
            _auralis_files "$cur"
            return ;;
        db/backup:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        db/backup:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        db/backup:--log-file)
            _auralis_files "$cur"
            return ;;
        db/restore:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        db/restore:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        db/restore:--log-file)
            _auralis_files "$cur"
            return ;;
        db/migrate:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        db/migrate:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        db/migrate:--log-file)
            _auralis_files "$cur"
            return ;;
        db/path:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        db/path:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        db/path:--log-file)
            _auralis_files "$cur"
            return ;;
        doctor:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        doctor:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        doctor:--log-file)
            _auralis_files "$cur"
            return ;;
        completion:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        completion:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        completion:--log-file)
            _auralis_files "$cur"
            return ;;
        ls:--sort)
            :
            return ;;
        ls:--limit)
            :
            return ;;
        ls:--offset)
            :
            return ;;
        ls:--from)
            :
            return ;;
        ls:--to)
            :
            return ;;
        ls:--songs)
            :
            return ;;
        ls:-f|ls:--format)
            :
            return ;;
        ls:--progress)
            COMPREPLY=($(compgen -W "auto always never json" -- "$cur"))
            return ;;
        ls:--color)
            COMPREPLY=($(compgen -W "auto always never" -- "$cur"))
            return ;;
        ls:--log-file)
            _auralis_files "$cur"
            return ;;
    esac
    if [[ $cur == -* ]]; then
        case $verb in
            '') choices='--config --library --version -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            master) choices='--out-dir --album --to --bitrate --preset --intensity --tilt --width --preferences --no-preferences --repair --no-repair --mode --reference --loudness --target --ceiling --bits --dither --rate --keep-mtime --no-keep-mtime --preview --report --as-played --explain --force -n --dry-run --files-from -0 --null -j --jobs --stall-timeout --executor --max-duration --max-size --raw --raw-rate --raw-channels --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            scan) choices='--full --analyze --fingerprint --watch --relocate -j --jobs --stall-timeout --ignore -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            list) choices='--albums --artists --genres --sort --limit --offset --smooth --from --to --songs -f --format --print0 --count --fields --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            fingerprint) choices='--force --export --import --sidecars -j --jobs --stall-timeout --executor -n --dry-run --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            analyze) choices='--files-from -0 --null -j --jobs --stall-timeout --max-duration --max-size --raw --raw-rate --raw-channels --plot --force --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            verify) choices='--target --files-from -0 --null -j --jobs --stall-timeout --max-duration --max-size --raw --raw-rate --raw-channels --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            replaygain) choices='--files-from -0 --null --album --track --album-by --clip-safe --opus-tags --remove --force --keep-mtime -j --jobs --stall-timeout --max-duration --max-size -n --dry-run -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            presets) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            presets/list) choices='--json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            presets/show) choices='--json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            presets/export) choices='--to --force -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            presets/import) choices='--force -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            recommend) choices='--files-from -0 --null -j --jobs --stall-timeout --max-duration --max-size --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            play) choices='--headless --quit-at-end --shuffle --shuffle-albums --shuffle-smart --repeat --enhance --no-enhance --preset --intensity --tilt --width --preferences --no-preferences --reference --volume --normalize --crossfade --device --latency --rate --exact-rate --no-exact-rate --new --web --output --bits --force --playlist --files-from -0 --null -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            keys) choices='--preset --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            ctl) choices='--player --reconnect -f --format --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/show) choices='-f --format --print0 --player --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/add) choices='--playlist --files-from -0 --null --at --player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/next) choices='--playlist --files-from -0 --null --player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/set) choices='--playlist --files-from -0 --null --player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/move) choices='--player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/remove) choices='--player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/clear) choices='--player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/jump) choices='--player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/shuffle) choices='--albums --smart --player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/unshuffle) choices='--player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/repeat) choices='--player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/undo) choices='--player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/redo) choices='--player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/history) choices='--json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/save) choices='--tag --force --player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/load) choices='--player -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/templates) choices='--tag --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            queue/forget) choices='-n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/create) choices='--smart --description --smooth --from --to --songs -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/list) choices='--json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/show) choices='-f --format --print0 --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/add) choices='--files-from -0 --null --at --smooth --from --to --songs -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/remove) choices='-n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/move) choices='-n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/rename) choices='-n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/describe) choices='-n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/delete) choices='-n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/import) choices='--name --format -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            playlist/export) choices='--format --relative --force -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            export) choices='--to --format --bitrate --force-transcode --template --names --playlist --playlists --sync --max-total --force --files-from -0 --null -j --jobs --stall-timeout -n --dry-run --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            rate) choices='--favourite --no-favourite --files-from -0 --null --player -n --dry-run --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            prefs) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            prefs/show) choices='--json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            prefs/forget) choices='--all -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            prefs/export) choices='--to --force -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            prefs/import) choices='--force -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            plays) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            plays/import) choices='--root --scale --only --replace -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            plays/export) choices='--force -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            lyrics) choices='--files-from -0 --null --synced --lrc --follow --from --player --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            tag) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            tag/show) choices='--files-from -0 --null --fields -f --format --print0 --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            tag/set) choices='--files-from -0 --null -n --dry-run --keep-mtime --all-or-nothing -j --jobs -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            tag/remove) choices='--files-from -0 --null -n --dry-run --keep-mtime --all-or-nothing -j --jobs -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            tag/copy) choices='--fields -n --dry-run --keep-mtime --all-or-nothing -j --jobs -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            tag/from-names) choices='--files-from -0 --null --only-missing -n --dry-run --keep-mtime --all-or-nothing -j --jobs -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            tag/rename-files) choices='--files-from -0 --null --to --names -n --dry-run -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            tag/export) choices='--files-from -0 --null --fields -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            tag/import) choices='-n --dry-run --keep-mtime --all-or-nothing -j --jobs -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            tag/fields) choices='--json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            art) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            art/show) choices='--files-from -0 --null --kind --as --columns --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            art/find) choices='--files-from -0 --null --missing --folders --kind --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            art/fetch) choices='--files-from -0 --null --embed --to-folder --size --force --online -n --dry-run --keep-mtime --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            art/extract) choices='--to --name --kind --all --force --files-from -0 --null -n --dry-run --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            art/embed) choices='--image --from-folder --kind --description --max-px --files-from -0 --null -n --dry-run --keep-mtime --all-or-nothing -j --jobs -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            art/remove) choices='--kind --files-from -0 --null -n --dry-run --keep-mtime --all-or-nothing -j --jobs -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            stats) choices='--top --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            similar) choices='--limit --explain --weights --max-duration --max-size -f --format --print0 --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            suggest) choices='--field --limit --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            duplicates) choices='--ignore --apply -n --dry-run -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            cleanup) choices='--missing --corrupt --orphans --duplicates --apply -n --dry-run --stall-timeout -y --yes --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            scrobble) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            scrobble/status) choices='--check --online --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            scrobble/send) choices='--online --refused -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            scrobble/clear) choices='--refused -n --dry-run -y --yes --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            history) choices='--limit --played --since --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            undo) choices='-n --dry-run -y --yes --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            jobs) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            jobs/list) choices='--json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            jobs/resume) choices='-n --dry-run -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            jobs/forget) choices='--finished -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            config) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            config/show) choices='--origin --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            config/get) choices='--json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            config/set) choices='-n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            config/unset) choices='-n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            config/path) choices='--json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            config/edit) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            db) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            db/check) choices='--json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            db/backup) choices='-n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            db/restore) choices='-y --yes -n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            db/migrate) choices='-n --dry-run --json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            db/path) choices='--json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            doctor) choices='--json -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            completion) choices='-q --quiet -v --verbose --progress --color --log-file -h --help' ;;
            ls) choices='--albums --artists --genres --sort --limit --offset --smooth --from --to --songs -f --format --print0 --count --fields --json --jsonl -q --quiet -v --verbose --progress --color --log-file -h --help' ;;
        esac
        COMPREPLY=($(compgen -W "$choices" -- "$cur"))
        return
    fi
    case $verb in
        '') COMPREPLY=($(compgen -W 'master scan list fingerprint analyze verify replaygain presets recommend play keys ctl queue playlist export rate prefs plays lyrics tag art stats similar suggest duplicates cleanup scrobble history undo jobs config db doctor completion ls' -- "$cur")) ;;
        master) _auralis_files "$cur" ;;
        scan) _auralis_files "$cur" ;;
        list) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        fingerprint) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        analyze) _auralis_files "$cur" ;;
        verify) _auralis_files "$cur" ;;
        replaygain) _auralis_files "$cur" ;;
        presets) COMPREPLY=($(compgen -W 'list show export import' -- "$cur")) ;;
        presets/list) : ;;
        presets/show) COMPREPLY=($(compgen -W 'adaptive gentle warm bright punchy live' -- "$cur")) ;;
        presets/export) COMPREPLY=($(compgen -W 'adaptive gentle warm bright punchy live' -- "$cur")) ;;
        presets/import) _auralis_files "$cur" ;;
        recommend) _auralis_files "$cur" ;;
        play) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        keys) : ;;
        ctl) COMPREPLY=($(compgen -W 'play pause toggle stop next previous seek stop-after-current rate favourite volume mute normalize crossfade device enhance preset intensity tilt width preferences reference compare repeat shuffle consume jump set-queue add play-next insert remove move clear undo redo quit status watch queue' -- "$cur")) ;;
        queue) COMPREPLY=($(compgen -W 'show add next set move remove clear jump shuffle unshuffle repeat undo redo history save load templates forget' -- "$cur")) ;;
        queue/show) : ;;
        queue/add) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        queue/next) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        queue/set) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        queue/move) : ;;
        queue/remove) : ;;
        queue/clear) : ;;
        queue/jump) : ;;
        queue/shuffle) : ;;
        queue/unshuffle) : ;;
        queue/repeat) COMPREPLY=($(compgen -W 'off all one' -- "$cur")) ;;
        queue/undo) : ;;
        queue/redo) : ;;
        queue/history) : ;;
        queue/save) _auralis_offer templates ;;
        queue/load) _auralis_offer templates ;;
        queue/templates) : ;;
        queue/forget) _auralis_offer templates ;;
        playlist) COMPREPLY=($(compgen -W 'create list show add remove move rename describe delete import export' -- "$cur")) ;;
        playlist/create) _auralis_in_field || _auralis_files "$cur"; _auralis_offer playlists; _auralis_offer query ;;
        playlist/list) : ;;
        playlist/show) _auralis_offer playlists ;;
        playlist/add) _auralis_in_field || _auralis_files "$cur"; _auralis_offer playlists; _auralis_offer query ;;
        playlist/remove) _auralis_offer playlists ;;
        playlist/move) _auralis_offer playlists ;;
        playlist/rename) _auralis_offer playlists ;;
        playlist/describe) _auralis_offer playlists ;;
        playlist/delete) _auralis_offer playlists ;;
        playlist/import) _auralis_files "$cur" ;;
        playlist/export) _auralis_in_field || _auralis_files "$cur"; _auralis_offer playlists ;;
        export) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        rate) : ;;
        prefs) COMPREPLY=($(compgen -W 'show forget export import' -- "$cur")) ;;
        prefs/show) : ;;
        prefs/forget) COMPREPLY=($(compgen -W 'speech dense-percussive-bright dense-percussive-dark dense-flowing-bright dense-flowing-dark open-percussive-bright open-percussive-dark open-flowing-bright open-flowing-dark' -- "$cur")) ;;
        prefs/export) : ;;
        prefs/import) _auralis_files "$cur" ;;
        plays) COMPREPLY=($(compgen -W 'import export' -- "$cur")) ;;
        plays/import) COMPREPLY=($(compgen -W 'tags beets mpd jsonl' -- "$cur")) ;;
        plays/export) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        lyrics) _auralis_files "$cur" ;;
        tag) COMPREPLY=($(compgen -W 'show set remove copy from-names rename-files export import fields' -- "$cur")) ;;
        tag/show) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        tag/set) _auralis_offer edits ;;
        tag/remove) _auralis_in_field || _auralis_files "$cur"; _auralis_offer tag-fields; _auralis_offer query ;;
        tag/copy) _auralis_files "$cur" ;;
        tag/from-names) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        tag/rename-files) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        tag/export) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        tag/import) _auralis_files "$cur" ;;
        tag/fields) : ;;
        art) COMPREPLY=($(compgen -W 'show find fetch extract embed remove' -- "$cur")) ;;
        art/show) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        art/find) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        art/fetch) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        art/extract) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        art/embed) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        art/remove) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        stats) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        similar) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        suggest) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        duplicates) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
        cleanup) : ;;
        scrobble) COMPREPLY=($(compgen -W 'status send clear' -- "$cur")) ;;
        scrobble/status) : ;;
        scrobble/send) : ;;
        scrobble/clear) : ;;
        history) : ;;
        undo) : ;;
        jobs) COMPREPLY=($(compgen -W 'list resume forget' -- "$cur")) ;;
        jobs/list) : ;;
        jobs/resume) : ;;
        jobs/forget) : ;;
        config) COMPREPLY=($(compgen -W 'show get set unset path edit' -- "$cur")) ;;
        config/show) : ;;
        config/get) COMPREPLY=($(compgen -W 'master.preset master.intensity master.loudness master.target master.ceiling master.bits master.dither master.rate master.to master.bitrate master.keep_mtime master.preferences play.volume play.enhance play.preset play.intensity play.normalize play.repeat play.crossfade play.device play.latency play.exact_rate play.at_quit play.keys play.theme play.covers verify.target scan.ignore online.enabled online.musicbrainz online.cover_art online.hosts scrobble.enabled scrobble.server scrobble.token_file limits.jobs limits.stall_timeout limits.max_duration limits.max_size library.file output.color output.progress output.verbosity log.file' -- "$cur")) ;;
        config/set) COMPREPLY=($(compgen -W 'master.preset master.intensity master.loudness master.target master.ceiling master.bits master.dither master.rate master.to master.bitrate master.keep_mtime master.preferences play.volume play.enhance play.preset play.intensity play.normalize play.repeat play.crossfade play.device play.latency play.exact_rate play.at_quit play.keys play.theme play.covers verify.target scan.ignore online.enabled online.musicbrainz online.cover_art online.hosts scrobble.enabled scrobble.server scrobble.token_file limits.jobs limits.stall_timeout limits.max_duration limits.max_size library.file output.color output.progress output.verbosity log.file' -- "$cur")) ;;
        config/unset) COMPREPLY=($(compgen -W 'master.preset master.intensity master.loudness master.target master.ceiling master.bits master.dither master.rate master.to master.bitrate master.keep_mtime master.preferences play.volume play.enhance play.preset play.intensity play.normalize play.repeat play.crossfade play.device play.latency play.exact_rate play.at_quit play.keys play.theme play.covers verify.target scan.ignore online.enabled online.musicbrainz online.cover_art online.hosts scrobble.enabled scrobble.server scrobble.token_file limits.jobs limits.stall_timeout limits.max_duration limits.max_size library.file output.color output.progress output.verbosity log.file' -- "$cur")) ;;
        config/path) : ;;
        config/edit) : ;;
        db) COMPREPLY=($(compgen -W 'check backup restore migrate path' -- "$cur")) ;;
        db/check) : ;;
        db/backup) _auralis_files "$cur" ;;
        db/restore) _auralis_files "$cur" ;;
        db/migrate) : ;;
        db/path) : ;;
        doctor) : ;;
        completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$cur")) ;;
        ls) _auralis_in_field || _auralis_files "$cur"; _auralis_offer query ;;
    esac
}

_auralis_own() {
    local folder=${AURALIS_HOME:+$AURALIS_HOME/config}
    folder=${folder:-${XDG_CONFIG_HOME:-$HOME/.config}/auralis}
    cat "$folder/config.toml" "${AURALIS_CONFIG:-/dev/null}" 2>/dev/null |
        sed -n "s/^ *\[$1\.\([a-z0-9_-]*\)\].*/\1/p"
}

_auralis_in_field() {
    local word=${COMP_LINE:0:COMP_POINT}
    [[ ${word##*[[:space:]]} =~ ^[a-z^_]+[:=] && ${word##*[[:space:]]} != path:* ]]
}

_auralis_offer() {
    local word=${COMP_LINE:0:COMP_POINT} line
    word=${word##*[[:space:]]}
    local before=${word%"${word##*[:=]}"} form=%q
    # Among names of files bash quotes all by itself.
    [[ ${#COMPREPLY[@]} -gt 0 ]] && form=%s
    while IFS= read -r line; do
        COMPREPLY+=("$(printf $form "${line#"$before"}")")
    done < <(auralis __complete "$1" "$word" 2>/dev/null)
    [[ ${COMPREPLY[0]} == *[:=] ]] && compopt -o nospace 2>/dev/null
}

_auralis_files() {
    local IFS=$'\n'
    COMPREPLY=($(compgen -f -- "$1"))
    [[ ${#COMPREPLY[@]} -gt 0 ]] && compopt -o filenames 2>/dev/null
}

complete -F _auralis auralis
