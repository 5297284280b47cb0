"""Frequent words of languages, with those that people write to a support team: enough to know a short message by.

A word that English shares with another language stands in the list of English alone, and where it is frequent in both
it is in SHARED and counts half.
"""

from typing import Final

from automations.texts.word_lists import listed

SHARED: Final = listed(
    "a an and as at die do for had has hat he her here i if in is it me men most no not of on or over per plan see so "
    "to was we will are me all error internet online app mail email chat support team login server code account "
    "status test note total normal final original digital global video audio data problem design service client door "
    "office ai"
)

ENGLISH: Final = SHARED | listed(
    """
    about above access account accounts actually add added address admin after again against agent all allow already
    also always am another answer any anybody anymore anyone anything api app arrive arrived asap ask asked attached
    available away back bad be because been before being best better between big bill billed billing both bought box
    break broken browser bug but button buy by call came can can't cannot cant card cards change changed charge
    charged charges check clear click close closed code come company connect connection contact contract copy
    correct could couldn't crash crashed crashes create credit customer customers daily dashboard date day days dear
    declined delay delayed delete deleted deliver delivered delivery did didn't different disabled does doesn't
    doesnt doing don't done dont down download drop due during each edit eight either else empty enable end enough
    even ever every everyone everything example expired export fail failed failing fails feature few file files find
    first five fix fixed follow form forgot found four free from full get gets getting give given gives go goes
    going gone good got great happen happened happening hard hasn't have haven't having hello help hey hi him his
    hold home hour hours how i'd i'm i've im immediately import incorrect install instead into invalid invoice
    invoices isn't isnt issue issues it's its just keep keeps key kind know last late later latest least leave left
    less let letter like limit line link list little load loading locked log logged logging login long look looking
    lost lot made make makes manager many may maybe mean means message might mine missing mobile money month monthly
    months more morning much must my myself name need needed needs never new next nice nine nobody none nothing now
    number off often old once one only open option order ordered orders other our out outage own package page paid
    parcel part password pay payment payments people phone pl please pls price printer product put question
    questions quick quickly read really reason receive received refund refunded refuse reply report reset response
    restart return returned returns right run running said same save say says screen second seems seen send sent set
    seven several shipped shipping should show shows sign since site six slow some someone something sorry speak
    start started still stop stopped stuck subscription such sure switch system take takes talk tell ten than thank
    thanks that that's the their them then there these they thing things think this those though three through
    ticket till time times today tomorrow too took track tracking transfer tried trouble try trying turn twice two
    unable under unfortunately until up update updated upgrade upload urgent us use used user users using very view
    wait waiting want wanted wants wasn't way we're we've website week weeks well went were what what's when where
    which while who whole whom whose why with within without won't wont work worked working works worse would
    wouldn't wrong year years yes yesterday yet you you're your yours cancel cancelled canceled cancellation gift
    balance flight book translate weather alarm recipe song play timer spell plus minus hi ok thx pls unsubscribe
    """
)

OTHERS: Final[dict[str, frozenset[str]]] = {
    "de": listed(
        """
        aber abgelehnt alle als am anmelden auch auf aus bei bekomme bestellung bin bitte brauche da danke dann das
        dass defekt dem den der des deutsch dich dir doch durch ein eine einem einen einer einloggen er es euch
        falsch fehler fehlgeschlagen funktioniert für geht gibt guten habe haben hallo hilfe ich ihm ihnen ihr ihre
        immer ist ja jetzt kann karte kaputt kein keine konto können könnte kunde kündigen kündigung lieferung mehr
        mein meine meinem meinen meiner mich mir mit möchte muss nach nicht nichts noch nur oder passwort rechnung
        rückerstattung schon sehr seit sich sie sind tag über um und uns unser vom von vor warum wann warten weil
        wenn werden wie wieder wir wird wo wurde zahlung zu zum zur zurück
        """
    ),
    "fr": listed(
        """
        abonnement ai aide alors annuler attendre au aucun aussi avec avez avoir besoin bonjour ça carte ce cela ces
        cet cette chez comme commande comment compte connecter dans depuis des du elle en erreur est et être facture
        faire fois fonctionne ici il ils j'ai jamais je jour la le les leur livraison ma mais mal marche merci mes
        moi mon mot ne nos notre nous où paiement panne par pas peux peut plaît plus pour pourquoi pouvez problème
        quand que quel qui reçu rembourser remboursement sans ses son sont suis sur toujours tous très tu un une vos
        votre vous
        """
    ),
    "es": listed(
        """
        ayuda buenas buenos cancelar cobro como cómo con contraseña correo cuando cuándo cuenta de del desde días
        dónde el ella entrar envío eres es está están este esto estoy factura favor funciona gracias hace hacer han
        hasta hay he hola incorrecta incorrecto la las llega llegado lo los mi mis muy nada necesito no nos nuestra
        nuestro otra otro pago para pedido pero por porque pueden puedo que qué quiero recibido reembolso se ser si
        sin sobre soy su sus también tarjeta tengo tiene todo un una usted ustedes y ya yo
        """
    ),
    "it": listed(
        """
        aiuto al alla anche annullare buongiorno carta che chi ci ciao come con conto cosa da dal dalla del della
        delle di dopo dove è ed errore fattura funziona gli grazie ho hai il l'ordine la le lo loro ma mai mia mio
        molto nel nella non nostro ordine ordini pacco pagamento password per perché più posso potete quando quanto
        questa questo rimborso sbagliata sbagliato sempre si sono spedizione su sua suo tutto un una vi voglio
        vorrei vostro
        """
    ),
    "pt": listed(
        """
        ajuda ao aos até bom cancelar cartão com como conta consigo da das de dele dia do dos e ela ele em encomenda
        entrar entrega errada errado está estou eu falta fatura foi funciona isso já mais mas meu meus minha muito
        não na nas nem no nos nossa nosso o obrigada obrigado olá onde os ou pagamento para pela pelo pedido pode
        por porque posso preciso quando que quero reembolso recebi sem senha ser seu sua também tem tenho um uma
        você
        """
    ),
    "nl": listed(
        """
        aan al alleen als bedankt bent bestelling betaling bij dag dan dat de deze die dit doen door dus een en er
        factuur fout gaat geen goed graag haar heb hebben heeft hem het hij hoe hulp ik inloggen is jaar jij jullie
        kan klopt klant komt krijg kunnen levering maar mag meer met mij mijn moet naar niet nieuw nog nu ontvangen
        ook om onze op opzeggen pakket rekening terug terugbetaling te tegen toch tot uit uw van veel voor waar
        waarom wachtwoord wanneer wat werkt wel wij wil worden zijn zonder
        """
    ),
    "pl": listed(
        """
        ale anulować bardzo być błąd błędna co czy dla do dlaczego działa dziękuję dzień faktura faktury gdzie hasło
        i jak jest jestem już kiedy konto który ma mam mi mnie moja moje mogę na nadal nie o od płatność po pomoc
        pomocy proszę problem przez się są tak tego to w z za zalogować zamówienie zamówienia zwrot że
        """
    ),
    "sv": listed(
        """
        att av beställning betalning det de den där efter eller ett fakturan faktura fel från får fungerar för hej
        har hjälp hur inte jag kan kommer konto lösenord man med mig min mitt mycket måste när och om paket på sig
        skulle snälla som tack till var vara varför vi vill är över
        """
    ),
    "da": listed(
        """
        af at bestilling betaling det den der efter eller en er et faktura fejl fik fra får få hej hjælp hvor
        hvordan hvorfor hvornår ikke jeg kan konto levering med mig min mit må når og om pakke på skal som tak til
        ved vi virker været
        """
    ),
    "no": listed("av bestilling betaling det den er etter eller faktura feil fra får få hei hjelp hvor hvordan hvorfor "
                 "ikke jeg kan konto levering med meg min mitt må når og om pakke på skal som takk til vi virker vært"),
    "tr": listed(
        """
        ama bana ben benim beni bir bu çalışmıyor çok da daha değil fatura faturam giriş gibi hata hesabım için iade
        ile ilgili iptal istiyorum kart lütfen mi merhaba ne neden nasıl ödeme olarak sipariş siparişim şifre
        şifremi teşekkürler var ve ya yanlış yardım yok
        """
    ),
    "ro": listed("această acest ajutor am ați bună că ce comanda comandă cu cum de din este eu factura factură fost "
                 "funcționează greșită la mai meu mea mulțumesc nu pe pentru plata să sunt și un unde vă vreau"),
    "fi": listed("ei ja kiitos kirjautua lasku laskun maksu minun miksi missä moi olen on onko ovat pääse salasana se "
                 "tilaus tilaukseni tilini toimi tämä virhe voi väärin että"),
    "cs": listed("ale chyba děkuji dobrý do faktura heslo jak je jsem kde mám mi moje můj mé na nefunguje nemohu není "
                 "objednávka platba pomoc prosím proč přihlásit se si za že"),
    "hu": listed("a az és egy fizetés hiba hibás hol jelszó kell köszönöm kérem miért mikor nem rendelés rendelésem "
                 "segítség segítsen számla számlám van vagyok hogy"),
}  # fmt: skip
"""By ISO 639-1 code. Words of several of these languages count for each."""
