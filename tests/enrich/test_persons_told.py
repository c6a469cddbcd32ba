"""Persons as news, police bulletins, courts and law firms print them, without a word that marks a subject; and those who
act, write or speak in office, brands, places and words in the same positions."""

from __future__ import annotations

import pytest

from enrich.catalogue import load_knowledge
from enrich.persons import find_persons, mask

KNOWLEDGE = load_knowledge()


def masked(text: str) -> str:
    return mask(text, find_persons(text, KNOWLEDGE))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The chief executive, Zhao Wei, was fined 10,000 yuan.", "The chief executive, Zhao XXX, was fined 10,000 yuan."),
        ("Its former president, Lin Jianguo, was also personally fined.", "Its former president, Lin XXXXXXX, was also personally fined."),
        ("An individual, Luo Yong, swapped lists.", "An individual, Luo XXXX, swapped lists."),
        ("The police found that Liang Fang set up a shop.", "The police found that Liang XXXX set up a shop."),
        ("The court heard that Zhou Mingyuan, then a nurse, sold records. Mingyuan kept some.", "The court heard that Zhou XXXXXXXX, then a nurse, sold records. XXXXXXXX kept some."),
        ("Li Xiaoqiang (male, 34) was held in Wuhan.", "Li XXXXXXXXX (male, 34) was held in Wuhan."),
        ("Police in Wuhan detained LI XIAOQIANG. Xiaoqiang had built it.", "Police in Wuhan detained LI XXXXXXXXX. XXXXXXXXX had built it."),
        ("Its manager Sun Lei received a warning.", "Its manager Sun XXX received a warning."),
        ("A programmer named Sun Lei and his wife, Gao Yan, ran the site.", "A programmer named Sun XXX and his wife, Gao XXX, ran the site."),
        ("Huang Zhen's phone was seized.", "Huang XXXX's phone was seized."),
        ("Police caught the suspect, Ai Weimin, on 3 May.", "Police caught the suspect, Ai XXXXXX, on 3 May."),
        ("John Smith, a hacker, was sentenced to three years.", "XXXX XXXXX, a hacker, was sentenced to three years."),
        ("A man sanctioned in Wuhan\nHuang Wei is under investigation.", "A man sanctioned in Wuhan\nHuang XXX is under investigation."),
        ("Suspect Chan Tai-man was arrested.", "Suspect Chan XXX-XXX was arrested."),
        ("嫌疑人Wang Xiaoqiang被抓获。", "嫌疑人Wang XXXXXXXXX被抓获。"),
        ("法院判处王小强有期徒刑三年。", "法院判处王某某有期徒刑三年。"),
        ("对信息部主任刘洋处以警告。", "对信息部主任刘某处以警告。"),
        ("时任行长林建国被罚款10万元。", "时任行长林某某被罚款10万元。"),
        ("同时对技术部负责人高俊峰罚款5万元。", "同时对技术部负责人高某某罚款5万元。"),
        ("对科技部经理何平、主管周琳分别警告。", "对科技部经理何某、主管周某分别警告。"),
        ("王 强因造谣被行政拘留，王强认错。", "王 某因造谣被行政拘留，王某认错。"),
        ("被告人王建国编写插件。", "被告人王某某编写插件。"),
        ("5\t于文博（时任某银行总经理）", "5\t于某某（时任某银行总经理）"),
        ("对相关责任人林海燕免去现任职务。", "对相关责任人林某某免去现任职务。"),
        ("网警查明张磊在社交软件上投放广告，行政拘留五日。", "网警查明张某在社交软件上投放广告，行政拘留五日。"),
        ("原来，程立新从事侵入活动。程立新被罚款。", "原来，程某某从事侵入活动。程某某被罚款。"),
        ("经查，马明宇明知他人诈骗仍提供银行卡，被刑事拘留。", "经查，马某某明知他人诈骗仍提供银行卡，被刑事拘留。"),
        ("案例四：许昌宋小红网络违法案", "案例四：许昌宋某某网络违法案"),
        ("（一）江苏南京于勇网上滋事案", "（一）江苏南京于某网上滋事案"),
        ("孙某、周文彬、李娜等6人落网。", "孙某、周某某、李某等6人落网。"),
        ("违法行为人阿依古丽·买买提处以行政拘留。", "违法行为人阿某某某·某某某处以行政拘留。"),
        ("彭某根据提示操作，被骗。", "彭某根据提示操作，被骗。"),
        ("合肥刘某网上滋事案", "合肥刘某网上滋事案"),
    ],
)  # fmt: skip
def test_a_subject_without_a_cue_is_masked(text: str, wanted: str) -> None:
    assert masked(text) == wanted
    assert masked(wanted) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Spokesman Wang Wenbin said firms were fined. Wang Wenbin added that more would be.",
        "Li Ming, director of the provincial Bureau, said that firms must act.",
        "According to Premier Li Qiang, data are an asset.", "Judge Wang Fang ruled that the platform was liable.",
        "Liu Xin, a partner at a firm in Beijing, advises on data.", "By Henry Brown and Zhao Min", "Editors: HE Lin, SU Jiayi. Fines rose.",
        "Tan Weiming, Counsel, Beijing", "Contact: Chen Xi, +86 21 5555 0100", "The flaw was found by Professor Zhang Hui in May.",
        "Dr. Anna Brown\t\tFENG Yuting", "Ma Shang Consumer Finance was warned.", "The app Xiao Yun was removed.", "\"Yi Che\" was warned.",
        "An Open Letter to users. How You Can Help. Long Time Coming. The Song Dynasty.", "Mr. Zhang and the defendant Geng were fined.",
        "局长王大明介绍，今年已处罚5家单位。王大明表示，将继续加大力度。", "主任王大明、副主任李强出席会议，通报罚款情况。",
        "副市长陈建国在会上强调，要严肃查处并罚款。", "律师张明认为处罚得当。北京律师王芳表示，罚款过轻。", "法官刘文静审理了此案，判处罚金。",
        "记者李小明从公安局获悉，一人被行政拘留。", "高校在管理中存在问题，被警告。", "文明上网，从我做起，违者罚款。", "高明区公安分局对一公司罚款。",
        "弘泽网络科技有限公司因未备案被罚款。", "盛瑞上网服务有限公司被警告。", "华为公司在上海被罚款。", "云南白药被罚款。", "江金罚决字〔2023〕154号，罚款5万元",
        "经通知后未及时修复，罚款5万元。", "查明该公司违法，罚款5万元。", "“童生在此”、“麦田相册”被警告。", "青岛某教育培训机构数据安全案", "林业局的网站被入侵，公安抓获一人。",
    ],
)  # fmt: skip
def test_who_acts_in_office_and_what_is_no_person_stays(text: str) -> None:
    assert masked(text) == text
